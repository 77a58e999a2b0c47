package dev.tessera.benchmark;

import dev.tessera.backbone.ViewImages;
import java.nio.FloatBuffer;
import java.util.SplittableRandom;

/** Views of noise. */
record RandomImages(int count, int height, int width) implements ViewImages {
  @Override
  public void read(int view, FloatBuffer into) {
    SplittableRandom random = new SplittableRandom(view);
    for (int i = 0; i < 3 * height * width; i++) {
      into.put(i, (float) random.nextDouble());
    }
  }
}
