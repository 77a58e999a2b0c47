package dev.tessera.jobs.check;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.Row;

/**
 * One pass over a part of a table: the rows that break a rule, and the runs of consecutive rows
 * with the keys at their ends, so that the parts can be put together again in the order of the
 * files.
 *
 * <p>Rows have the table's columns, then the name of their file and their number in it.
 */
final class TableScan implements Serializable {
  private static final String ORDER = "order";

  /** Not sent back to the driver, which has them: they know all chunks. */
  private final transient TableRules rules;

  private final String table;
  private final Violations violations = new Violations();
  private final List<Run> runs = new ArrayList<>();
  private long rows;

  /** Consecutive rows of one file; keys are null where a row had none. */
  private static final class Run implements Serializable {
    final String file;
    final long first;
    final Object[] firstKey;
    long last;
    Object[] lastKey;

    Run(String file, long row, Object[] key) {
      this.file = file;
      this.first = row;
      this.firstKey = key;
      this.last = row;
      this.lastKey = key;
    }
  }

  TableScan(TableRules rules) {
    this.rules = rules;
    this.table = rules.table();
  }

  String table() {
    return table;
  }

  long rows() {
    return rows;
  }

  Violations violations() {
    return violations;
  }

  /**
   * Looks at one more row.
   *
   * @return whether it has all values it needs, all of them finite
   */
  boolean add(Row row) {
    rows++;
    boolean complete = keep(rules.ofAllTables(), row);
    if (complete) {
      keep(rules.further(), row);
    }
    append(row);
    return complete;
  }

  private boolean keep(List<RowRule> wanted, Row row) {
    boolean all = true;
    for (RowRule rule : wanted) {
      if (!rule.holds(row)) {
        all = false;
        violations.add(
            rule.name(),
            table(),
            "row %d of %s: %s".formatted(number(row), file(row), rule.example(row)));
      }
    }
    return all;
  }

  private String file(Row row) {
    return row.getString(rules.columns().size());
  }

  private long number(Row row) {
    return row.getLong(rules.columns().size() + 1);
  }

  private void append(Row row) {
    String file = file(row);
    long number = number(row);
    Object[] key = key(row);
    Run run = runs.isEmpty() ? null : runs.get(runs.size() - 1);
    if (run == null || !run.file.equals(file) || run.last + 1 != number) {
      runs.add(new Run(file, number, key));
    } else {
      follow(run.lastKey, key, file, number);
      run.last = number;
      run.lastKey = key;
    }
  }

  /** The values that rows are sorted by; null if one of them is missing. */
  private Object[] key(Row row) {
    Object[] key = new Object[rules.orderedBy().length];
    for (int i = 0; i < key.length; i++) {
      key[i] = row.get(rules.orderedBy()[i]);
      if (key[i] == null) {
        return null;
      }
    }
    return key;
  }

  private void follow(Object[] before, Object[] key, String file, long number) {
    if (before != null && key != null && compare(before, key) > 0) {
      violations.add(
          ORDER,
          table(),
          "row %d of %s: %s comes after %s".formatted(number, file, List.of(key), List.of(before)));
    }
  }

  @SuppressWarnings("unchecked") // the columns that tables are sorted by are numbers and texts
  private static int compare(Object[] a, Object[] b) {
    for (int i = 0; i < a.length; i++) {
      int order = ((Comparable<Object>) a[i]).compareTo(b[i]);
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  /** The scan of a whole table, of scans of its parts: order is looked at across their borders. */
  static TableScan whole(TableRules rules, List<TableScan> parts) {
    TableScan whole = new TableScan(rules);
    List<Run> runs = new ArrayList<>();
    for (TableScan part : parts) {
      whole.rows += part.rows;
      whole.violations.addAll(part.violations);
      runs.addAll(part.runs);
    }
    runs.sort(Comparator.comparing((Run run) -> run.file).thenComparing(run -> run.first));
    for (int i = 1; i < runs.size(); i++) {
      Run run = runs.get(i);
      whole.follow(runs.get(i - 1).lastKey, run.firstKey, run.file, run.first);
    }
    return whole;
  }
}
