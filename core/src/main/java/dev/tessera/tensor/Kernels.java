package dev.tessera.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;

/**
 * The TorchScript functions of the resource folder {@code kernels}, which libtorch runs: what DJL's
 * arrays cannot do, or cannot do at full speed. Intermediate results are freed inside the function
 * as soon as they are not needed; only what it returns becomes an array of the given scope. Safe
 * for many threads.
 */
public final class Kernels implements AutoCloseable {
  /** The texts, each named by what its functions are about. */
  static final List<String> TEXTS =
      List.of("numbers", "transformer", "ttt", "fastweight_attention", "camera", "dense");

  /**
   * Held for reading while a function runs. When the JVM is told to end, it waits for those that
   * run and lets no other begin: libtorch's globals go with the process, and a thread that still
   * computes on them would crash it.
   */
  private static final ReadWriteLock RUNNING = new ReentrantReadWriteLock();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.writeLock().lock(), "last-kernel"));
  }

  private final PtSymbolBlock functions;

  private Kernels(PtSymbolBlock functions) {
    this.functions = functions;
  }

  /** Compiles all functions; takes tens of milliseconds. */
  public static Kernels load(NDManager manager) {
    return ofSource(manager, source());
  }

  /** The archive of all functions, as PyTorch on a machine without Java can load it too. */
  public static byte[] archive() {
    return TorchScript.archive(source());
  }

  private static String source() {
    return TEXTS.stream().map(Kernels::text).collect(Collectors.joining("\n"));
  }

  static Kernels ofSource(NDManager manager, String source) {
    try (InputStream archive = new ByteArrayInputStream(TorchScript.archive(source))) {
      return new Kernels(JniUtils.loadModule((PtNDManager) manager, archive, false, false));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(String name) {
    try (InputStream in = Kernels.class.getResourceAsStream("kernels/" + name + ".torchscript")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Calls a function that returns one tensor, which is attached to {@code scope}.
   *
   * @param arguments tensors ({@link NDArray}), lists of tensors, {@link WeightGroup}, numbers,
   *     booleans, text, {@code long[]}
   */
  public NDArray call(NDManager scope, String function, Object... arguments) {
    try (IValue result = run(function, arguments)) {
      return result.toTensor((PtNDManager) scope);
    }
  }

  /** Calls a function that returns a list of tensors, which are attached to {@code scope}. */
  public List<NDArray> callForList(NDManager scope, String function, Object... arguments) {
    try (IValue result = run(function, arguments)) {
      return List.of(result.toTensorArray((PtNDManager) scope));
    }
  }

  private IValue run(String function, Object... arguments) {
    RUNNING.readLock().lock();
    try {
      return runWhileOpen(function, arguments);
    } finally {
      RUNNING.readLock().unlock();
    }
  }

  private IValue runWhileOpen(String function, Object... arguments) {
    IValue[] values = new IValue[arguments.length];
    List<IValue> own = new ArrayList<>(arguments.length);
    try {
      for (int i = 0; i < arguments.length; i++) {
        if (arguments[i] instanceof WeightGroup weights) {
          values[i] = weights.dictionary();
        } else {
          values[i] = value(arguments[i]);
          own.add(values[i]);
        }
      }
      return IValueUtils.runMethod(functions, function, values);
    } finally {
      own.forEach(IValue::close);
    }
  }

  private static IValue value(Object argument) {
    if (argument instanceof PtNDArray tensor) {
      return IValue.from(tensor);
    } else if (argument instanceof Integer number) {
      return IValue.from(number.longValue());
    } else if (argument instanceof Long number) {
      return IValue.from(number);
    } else if (argument instanceof Double number) {
      return IValue.from(number);
    } else if (argument instanceof Boolean flag) {
      return IValue.from(flag);
    } else if (argument instanceof String text) {
      return IValue.from(text);
    } else if (argument instanceof long[] numbers) {
      return IValue.listFrom(numbers);
    } else if (argument instanceof List<?> tensors) {
      return IValue.listFrom(tensors.toArray(PtNDArray[]::new));
    }
    throw new IllegalArgumentException("Cannot pass to a kernel: " + argument);
  }

  @Override
  public void close() {
    functions.close();
  }
}
