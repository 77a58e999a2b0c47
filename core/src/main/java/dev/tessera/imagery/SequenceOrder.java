package dev.tessera.imagery;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The order in which photos were taken, as far as it is known.
 *
 * <p>A sequence is a folder. It is ordered by capture time if all its views have one and not all
 * the same, else by natural name: to compare some pairs by time and others by name would not be an
 * order.
 */
public final class SequenceOrder {
  /** By natural name; the uri decides between equal names. */
  public static final Comparator<View> BY_NAME =
      Comparator.comparing(View::name, NaturalOrder.INSTANCE).thenComparing(View::uri);

  /** By capture time, then natural name; views without a time last. */
  public static final Comparator<View> BY_TIME =
      Comparator.comparing(View::captureMillis, Comparator.nullsLast(Comparator.naturalOrder()))
          .thenComparing(BY_NAME);

  private SequenceOrder() {}

  /** The folder part of a name, "." for the photo folder itself. */
  public static String folder(String name) {
    int slash = name.lastIndexOf('/');
    return slash < 0 ? "." : name.substring(0, slash);
  }

  /** The views of one folder in capture order. */
  public static List<View> sorted(Collection<View> folder) {
    boolean timed = folder.stream().map(View::captureMillis).allMatch(Objects::nonNull);
    boolean differ = folder.stream().map(View::captureMillis).distinct().count() > 1;
    return folder.stream().sorted(timed && differ ? BY_TIME : BY_NAME).toList();
  }

  /** The sequences of a collection, each in capture order, folders in natural order. */
  public static List<List<View>> sequences(Collection<View> views) {
    return views.stream()
        .collect(
            Collectors.groupingBy(
                view -> folder(view.name()),
                () -> new TreeMap<>(NaturalOrder.INSTANCE),
                Collectors.toList()))
        .values()
        .stream()
        .map(SequenceOrder::sorted)
        .toList();
  }
}
