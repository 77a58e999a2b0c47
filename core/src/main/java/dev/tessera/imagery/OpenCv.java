package dev.tessera.imagery;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.opencv.opencv_java;
import org.opencv.core.Core;

/**
 * Loads the native OpenCV once per JVM and keeps it to one thread per call, so that callers decide
 * how many run at once and results never depend on that number.
 *
 * <p>OpenBLAS, on which OpenCV's matrix product runs, keeps a thread pool of its own. It is held to
 * one thread here; setting {@code OPENBLAS_NUM_THREADS=1} before the JVM starts spares its start-up
 * cost as well.
 */
public final class OpenCv {
  private static final boolean LOADED = load();

  private OpenCv() {}

  /** Returns at once after the first call of the JVM, which takes about a second. */
  public static void ensureLoaded() {
    if (!LOADED) {
      throw new IllegalStateException("Cannot use OpenCV: its native library is not loaded");
    }
  }

  private static boolean load() {
    Loader.load(openblas.class);
    openblas.blas_set_num_threads(1);
    Loader.load(opencv_java.class);
    Core.setNumThreads(1);
    return true;
  }
}
