package dev.tessera.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;

/** The PyTorch engine of this JVM: found without network, with as many threads as are granted. */
public final class Torch {
  private static final String ENGINE = "PyTorch";

  private Torch() {}

  /**
   * A manager of tensors on a device; whoever asked for it closes it.
   *
   * @param threads threads that one operation on a CPU may use; holds for the whole JVM
   * @throws IllegalStateException if libtorch cannot be loaded here, or has no such device
   */
  public static synchronized NDManager open(Device device, int threads) {
    // Nothing is fetched, and nobody is told.
    System.setProperty("ai.djl.offline", System.getProperty("ai.djl.offline", "true"));
    System.setProperty("OPT_OUT_TRACKING", "true");
    Engine engine;
    try {
      engine = Engine.getEngine(ENGINE);
    } catch (RuntimeException | LinkageError e) {
      throw new IllegalStateException(
          "Cannot load PyTorch: "
              + e.getMessage()
              + " (set PYTORCH_LIBRARY_PATH to a libtorch folder, or use a platform with natives)",
          e);
    }
    if (device.isGpu() && device.getDeviceId() >= engine.getGpuCount()) {
      throw new IllegalStateException(
          "Cannot compute on GPU %d: PyTorch sees %d (PYTORCH_LIBRARY_PATH names a CUDA libtorch)"
              .formatted(device.getDeviceId(), engine.getGpuCount()));
    }
    JniUtils.setNumThreads(threads);
    return engine.newBaseManager(device);
  }

  /** How many threads one operation on a CPU may use. */
  public static int threads() {
    return JniUtils.getNumThreads();
  }

  /** Whether an error says that the device or the host has no memory left for a tensor. */
  public static boolean isOutOfMemory(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      String message = String.valueOf(e.getMessage());
      if (e instanceof OutOfMemoryError
          || message.contains("out of memory")
          || message.contains("not enough memory")
          || message.contains("can't allocate memory")) {
        return true;
      }
    }
    return false;
  }

  /** Hands cached memory of a GPU back to the device; nothing on a CPU. */
  public static void releaseCached(Device device) {
    if (device.isGpu()) {
      JniUtils.emptyCudaCache();
    }
  }
}
