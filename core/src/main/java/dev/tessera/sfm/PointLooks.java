package dev.tessera.sfm;

/** How the points of a model look. */
@FunctionalInterface
public interface PointLooks {
  /** Mean RootSIFT descriptor over a point's observations: 128 numbers, in an array of its own. */
  float[] meanDescriptor(int point);
}
