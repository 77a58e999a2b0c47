package dev.tessera.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How a checkpoint fits a {@link KeyPlan}.
 *
 * @param planned number of planned tensors
 * @param storedNames for each planned tensor that is there, its stored name by the first of its
 *     planned names
 * @param missing planned tensors that are not there, each with its shape
 * @param misfits tensors of the wrong shape or type, each with what it should be
 * @param unknown stored names that the plan does not know
 */
public record KeyMatch(
    int planned,
    Map<String, String> storedNames,
    List<String> missing,
    List<String> misfits,
    List<String> unknown) {
  private static final int MOST_LISTED = 20;

  public KeyMatch {
    storedNames = Collections.unmodifiableMap(new LinkedHashMap<>(storedNames));
    missing = List.copyOf(missing);
    misfits = List.copyOf(misfits);
    unknown = List.copyOf(unknown);
  }

  /** Whether nothing is missing or misfits; unknown names do no harm. */
  public boolean fits() {
    return missing.isEmpty() && misfits.isEmpty();
  }

  /** All that does not fit, the first twenty by name, on one line. */
  public String summary() {
    List<String> problems =
        Stream.concat(missing.stream().map(key -> "missing " + key), misfits.stream()).toList();
    String listed = String.join("; ", problems.subList(0, Math.min(MOST_LISTED, problems.size())));
    int more = problems.size() - MOST_LISTED;
    return "%d missing and %d misfits among %d tensors: %s%s; unknown keys: %d"
        .formatted(
            missing.size(),
            misfits.size(),
            planned,
            listed,
            more > 0 ? "; and " + more + " more" : "",
            unknown.size());
  }
}
