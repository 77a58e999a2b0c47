package dev.tessera.reconstruct;

import dev.tessera.imagery.View;
import java.io.IOException;

/** Fetches the bytes of a photo file, wherever it lies. Safe for many threads. */
@FunctionalInterface
public interface PhotoSource {
  byte[] read(View view) throws IOException;
}
