package dev.tessera.imagery;

import java.util.ArrayDeque;
import java.util.Deque;
import org.opencv.core.Mat;

/**
 * Releases OpenCV matrices at the end of a block. Their memory lies outside the Java heap, whose
 * collector never feels it: without this, a loop over photos grows by gigabytes.
 */
public final class MatScope implements AutoCloseable {
  private final Deque<Mat> mats = new ArrayDeque<>();

  /** Takes the matrix over and returns it. */
  public <M extends Mat> M own(M mat) {
    mats.push(mat);
    return mat;
  }

  /** An empty matrix that dies with this scope. */
  public Mat empty() {
    return own(new Mat());
  }

  @Override
  public void close() {
    while (!mats.isEmpty()) {
      mats.pop().release();
    }
  }
}
