package dev.tessera.tensor;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Field;
import java.util.Map;

/** Counts arrays that nobody has closed. */
public final class HeldArrays {
  private HeldArrays() {}

  /**
   * How many arrays a manager and all managers below it hold. DJL shows only the manager's own, so
   * that a forgotten manager would go unseen; hence the look into its field.
   */
  public static int count(NDManager manager) {
    int count = 0;
    for (Object resource : resources(manager).values()) {
      if (resource instanceof NDArray) {
        count++;
      } else if (resource instanceof NDManager below) {
        count += count(below);
      }
    }
    return count;
  }

  private static Map<?, ?> resources(NDManager manager) {
    try {
      Field resources = BaseNDManager.class.getDeclaredField("resources");
      resources.setAccessible(true);
      return (Map<?, ?>) resources.get(manager);
    } catch (ReflectiveOperationException otherDjl) {
      throw new IllegalStateException("Cannot count arrays with this version of DJL", otherDjl);
    }
  }
}
