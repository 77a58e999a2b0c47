package dev.tessera.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The PyTorch engine of this JVM: found without network, with as many threads as are granted. */
public final class Torch {
  private static final String ENGINE = "PyTorch";

  /** What allocators say in libtorch, in the CUDA libraries and in C++'s own. */
  private static final List<String> SHORTAGES =
      List.of(
          "out of memory",
          "not enough memory",
          "can't allocate memory",
          "ALLOC_FAILED",
          "std::bad_alloc");

  private Torch() {}

  /**
   * A manager of tensors on a device; whoever asked for it closes it.
   *
   * @param threads threads that one operation on a CPU may use; holds for the whole JVM
   * @throws IllegalStateException if libtorch cannot be loaded here, or has no such device
   */
  public static synchronized NDManager open(Device device, int threads) {
    Engine engine = engine();
    if (device.isGpu() && device.getDeviceId() >= engine.getGpuCount()) {
      throw new IllegalStateException(
          "Cannot compute on GPU %d: PyTorch sees %d (PYTORCH_LIBRARY_PATH names a CUDA libtorch)"
              .formatted(device.getDeviceId(), engine.getGpuCount()));
    }
    JniUtils.setNumThreads(threads);
    return engine.newBaseManager(device);
  }

  /**
   * GPUs that libtorch finds; none if it was built without CUDA.
   *
   * @throws IllegalStateException if libtorch cannot be loaded here
   */
  public static int gpus() {
    return engine().getGpuCount();
  }

  private static synchronized Engine engine() {
    // Nothing is fetched, and nobody is told.
    System.setProperty("ai.djl.offline", System.getProperty("ai.djl.offline", "true"));
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      return Engine.getEngine(ENGINE);
    } catch (RuntimeException | LinkageError e) {
      throw new IllegalStateException(
          "Cannot load PyTorch: "
              + e.getMessage()
              + " (set PYTORCH_LIBRARY_PATH to a libtorch folder, or use a platform with natives)",
          e);
    }
  }

  /** How many threads one operation on a CPU may use. */
  public static int threads() {
    return JniUtils.getNumThreads();
  }

  /**
   * What an error says of memory that the device or the host did not have for a tensor; empty if it
   * is another error.
   */
  public static Optional<String> memoryShortage(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      String message = String.valueOf(e.getMessage());
      Optional<String> line =
          message.lines().filter(l -> SHORTAGES.stream().anyMatch(l::contains)).findFirst();
      if (line.isPresent()) {
        return line.map(String::strip);
      }
      if (e instanceof OutOfMemoryError) {
        return Optional.of(message);
      }
    }
    return Optional.empty();
  }

  /** Whether an error says that the device or the host has no memory left for a tensor. */
  public static boolean isOutOfMemory(Throwable error) {
    return memoryShortage(error).isPresent();
  }

  /** Bytes free on a GPU; empty on a CPU. */
  public static OptionalLong freeBytes(Device device) {
    if (!device.isGpu()) {
      return OptionalLong.empty();
    }
    MemoryUsage memory = CudaUtils.getGpuMemory(device);
    return OptionalLong.of(memory.getMax() - memory.getUsed());
  }

  /** Bytes in use on a GPU, by whomever; empty on a CPU. */
  public static OptionalLong usedBytes(Device device) {
    return device.isGpu()
        ? OptionalLong.of(CudaUtils.getGpuMemory(device).getUsed())
        : OptionalLong.empty();
  }

  /** Hands cached memory of a GPU back to the device; nothing on a CPU. */
  public static void releaseCached(Device device) {
    if (device.isGpu()) {
      JniUtils.emptyCudaCache();
    }
  }
}
