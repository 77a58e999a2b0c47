package dev.tessera.jobs.report;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers as people read them. What is not known (NaN) is an en dash. */
final class Numbers {
  static final String UNKNOWN = "\u2013";
  private static final String MINUS = "\u2212";
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("d MMM uuuu", Locale.ENGLISH).withZone(ZoneOffset.UTC);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm", Locale.ENGLISH).withZone(ZoneOffset.UTC);

  private Numbers() {}

  static String count(long n) {
    return String.format(Locale.ROOT, "%,d", n).replace("-", MINUS);
  }

  /** As {@code count} up to 999,999, then 1.23 M or 4.56 G: for places where space is short. */
  static String shortCount(long n) {
    if (n < 1_000_000) {
      return count(n);
    }
    return n < 1_000_000_000 ? significant(n / 1e6) + " M" : significant(n / 1e9) + " G";
  }

  /** {@code n thing(s)}, for things whose plural takes an s. */
  static String counted(long n, String thing) {
    return count(n) + " " + thing + (n == 1 ? "" : "s");
  }

  /** Two or three significant digits without an exponent, thousands grouped. */
  static String significant(double value) {
    if (!Double.isFinite(value)) {
      return UNKNOWN;
    }
    double size = Math.abs(value);
    int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size == 0 ? 2 : 3;
    if (size > 0 && size < 0.01) {
      decimals = size < 1e-4 ? 6 : 4;
    }
    return fixed(value, decimals);
  }

  static String fixed(double value, int decimals) {
    if (!Double.isFinite(value)) {
      return UNKNOWN;
    }
    double shown = Math.abs(value) < 0.5 * Math.pow(10, -decimals) ? 0 : value; // no minus zero
    return String.format(Locale.ROOT, "%,." + decimals + "f", shown).replace("-", MINUS);
  }

  /** With its unit, or a dash alone. */
  static String withUnit(double value, String unit) {
    return Double.isFinite(value) ? significant(value) + " " + unit : UNKNOWN;
  }

  /** A length of time: 0.42 s, 12.3 s, 4 min 05 s, 2 h 10 min. */
  static String duration(double seconds) {
    if (!Double.isFinite(seconds)) {
      return UNKNOWN;
    }
    if (seconds == 0) {
      return "0 s";
    }
    if (seconds < 59.95) {
      return significant(seconds) + " s";
    }
    long whole = Math.round(seconds);
    if (whole < 3600) {
      return "%d min %02d s".formatted(whole / 60, whole % 60);
    }
    long minutes = Math.round(seconds / 60);
    return "%,d h %02d min".formatted(minutes / 60, minutes % 60);
  }

  /** A share with one decimal; never "100 %" or "0 %" unless exactly so. */
  static String percent(long part, long whole) {
    if (whole == 0) {
      return UNKNOWN;
    }
    if (part == 0 || part == whole) {
      return part == 0 ? "0 %" : "100 %";
    }
    double share = Math.min(99.9, Math.max(0.1, 100.0 * part / whole));
    return fixed(share, 1) + " %";
  }

  /** From when to when, in UTC; the day is said once if it is one day. */
  static String span(Instant from, Instant to) {
    String end = DAY.format(from).equals(DAY.format(to)) ? "" : DAY.format(to) + ", ";
    return "%s, %s to %s%s UTC"
        .formatted(DAY.format(from), TIME.format(from), end, TIME.format(to));
  }

  /** For SVG: at most one decimal, a plain minus, no grouping. */
  static String coordinate(double value) {
    long tenths = Math.round(value * 10);
    String sign = tenths < 0 ? "-" : "";
    long size = Math.abs(tenths);
    return sign + size / 10 + (size % 10 == 0 ? "" : "." + size % 10);
  }

  /** A tick's label, with just the decimals that its step needs. */
  static String tick(double value, double step) {
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return fixed(value == 0 ? 0 : value, decimals);
  }

  /** The largest of 1, 2, 5 times a power of ten that is not above the value. */
  static double roundDown(double value) {
    double power = Math.pow(10, Math.floor(Math.log10(value) + 1e-9));
    double lead = value / power + 1e-9;
    return power * (lead >= 5 ? 5 : lead >= 2 ? 2 : 1);
  }
}
