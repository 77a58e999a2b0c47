package dev.tessera.jobs.check;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Broken rules with how often and one example each. Bounded, whatever the number of rows. */
final class Violations implements Serializable {
  /** Examples are lines: values that are longer are cut. */
  private static final int LONGEST_EXAMPLE = 300;

  private final Map<String, Violation> byRule = new TreeMap<>();

  void add(String rule, String where, String example) {
    add(new Violation(rule, where, 1, oneLine(example)));
  }

  /** The first example stays. */
  void add(Violation violation) {
    byRule.merge(violation.where() + ' ' + violation.rule(), violation, Violation::plus);
  }

  void addAll(Violations others) {
    others.byRule.values().forEach(this::add);
  }

  /** In the order of tables and rules. */
  List<Violation> list() {
    return List.copyOf(byRule.values());
  }

  private static String oneLine(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() <= LONGEST_EXAMPLE ? line : line.substring(0, LONGEST_EXAMPLE) + "...";
  }
}
