package dev.tessera.jobs.check;

import java.io.Serializable;

/**
 * A rule that a map breaks.
 *
 * @param rule its name, as docs/format.md lists it
 * @param where the table, or {@code map}
 * @param count how often
 * @param example one case, for people
 */
public record Violation(String rule, String where, long count, String example)
    implements Serializable {
  Violation plus(Violation o) {
    return new Violation(rule, where, count + o.count, example);
  }

  @Override
  public String toString() {
    return "%s %s: %d, e.g. %s".formatted(where, rule, count, example);
  }
}
