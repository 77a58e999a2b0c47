package dev.tessera.sfm;

import dev.tessera.imagery.View;
import java.io.IOException;

/** Fetches the bytes of a photo file. Safe for many threads. */
@FunctionalInterface
public interface PhotoBytes {
  byte[] read(View view) throws IOException;
}
