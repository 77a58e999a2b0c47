package dev.tessera.backbone;

import java.io.IOException;
import java.nio.FloatBuffer;

/** The images of a scene, all of one size, asked for one after the other and each once. */
public interface ViewImages {
  int count();

  /** Pixels; a multiple of the network's patch size. */
  int height();

  /** Pixels; a multiple of the network's patch size. */
  int width();

  /** Puts (3, height, width) red, green, blue in [0, 1]. */
  void read(int view, FloatBuffer into) throws IOException;
}
