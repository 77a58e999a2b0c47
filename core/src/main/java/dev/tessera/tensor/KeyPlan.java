package dev.tessera.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The names, shapes and types of the tensors that a network asks of a checkpoint. */
public final class KeyPlan {
  private final Set<DType> dtypes;
  private final List<Key> keys = new ArrayList<>();
  private final Set<String> knownNames = new HashSet<>();
  private final List<String> unusedPrefixes = new ArrayList<>();

  /** One tensor under any of its names. */
  private record Key(List<String> names, List<Long> shape, Presence presence) {}

  private enum Presence {
    REQUIRED,
    OPTIONAL
  }

  /**
   * @param dtypes the types that a planned tensor may have, as {@link DType#WEIGHTS}
   */
  public KeyPlan(Set<DType> dtypes) {
    this.dtypes = Set.copyOf(dtypes);
  }

  /** Adds a tensor that must be there. */
  public KeyPlan require(String name, long... shape) {
    return requireOneOf(List.of(name), shape);
  }

  /**
   * Adds a tensor that must be there under one of several names; the first that is there counts.
   */
  public KeyPlan requireOneOf(List<String> names, long... shape) {
    return add(names, shape, Presence.REQUIRED);
  }

  /** Adds a tensor that may be absent, but must fit if it is there. */
  public KeyPlan allow(String name, long... shape) {
    return add(List.of(name), shape, Presence.OPTIONAL);
  }

  /** Makes all names that begin so known and unused. */
  public KeyPlan ignore(String prefix) {
    unusedPrefixes.add(prefix);
    return this;
  }

  private KeyPlan add(List<String> names, long[] shape, Presence presence) {
    for (String name : names) {
      if (!knownNames.add(name)) {
        throw new IllegalArgumentException(
            "Cannot plan tensor '%s': it is planned".formatted(name));
      }
    }
    keys.add(new Key(List.copyOf(names), Arrays.stream(shape).boxed().toList(), presence));
    return this;
  }

  /** All planned tensors, each by the first of its names, as a checkpoint of one type has them. */
  public List<TensorInfo> tensors(DType dtype) {
    return keys.stream()
        .map(key -> new TensorInfo(key.names().get(0), dtype, key.shape()))
        .toList();
  }

  /** Compares the plan with what is stored. */
  KeyMatch match(TensorSource stored) {
    Map<String, String> storedNames = new LinkedHashMap<>();
    List<String> missing = new ArrayList<>();
    List<String> misfits = new ArrayList<>();
    for (Key key : keys) {
      String first = key.names().get(0);
      String found = key.names().stream().filter(stored.names()::contains).findFirst().orElse(null);
      if (found != null) {
        storedNames.put(first, found);
        misfits.addAll(misfits(key, stored.info(found)));
      } else if (key.presence() == Presence.REQUIRED) {
        missing.add("%s %s".formatted(String.join(" or ", key.names()), key.shape()));
      }
    }
    return new KeyMatch(keys.size(), storedNames, missing, misfits, unknown(stored));
  }

  private List<String> misfits(Key key, TensorInfo found) {
    List<String> misfits = new ArrayList<>();
    if (!found.shape().equals(key.shape())) {
      misfits.add(
          "%s is %s instead of %s"
              .formatted(found.name(), Excerpt.list(found.shape()), key.shape()));
    }
    if (!dtypes.contains(found.dtype())) {
      misfits.add(
          "%s is %s instead of %s"
              .formatted(found.name(), found.dtype(), dtypes.stream().sorted().toList()));
    }
    return misfits;
  }

  private List<String> unknown(TensorSource stored) {
    return stored.names().stream()
        .filter(name -> !knownNames.contains(name))
        .filter(name -> unusedPrefixes.stream().noneMatch(name::startsWith))
        .toList();
  }
}
