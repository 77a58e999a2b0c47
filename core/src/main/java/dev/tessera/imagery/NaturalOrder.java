package dev.tessera.imagery;

import java.io.Serializable;
import java.util.Comparator;

/**
 * Orders names as people do: runs of digits by their value, so IMG_2 comes before IMG_10, and a
 * folder's files before those of folders whose names only begin alike. Total and consistent with
 * equals: equal values with other leading zeros ("7", "07") are told apart, fewer zeros first.
 */
public enum NaturalOrder implements Comparator<String>, Serializable {
  INSTANCE;

  @Override
  public int compare(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() && j < b.length()) {
      int order;
      if (isDigit(a.charAt(i)) && isDigit(b.charAt(j))) {
        int endA = endOfDigits(a, i);
        int endB = endOfDigits(b, j);
        order = compareDigits(a.substring(i, endA), b.substring(j, endB));
        i = endA;
        j = endB;
      } else {
        order = Integer.compare(rank(a.charAt(i++)), rank(b.charAt(j++)));
      }
      if (order != 0) {
        return order;
      }
    }
    int rest = Integer.compare(a.length() - i, b.length() - j);
    return rest != 0 ? rest : byZeros(a, b);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static int endOfDigits(String text, int from) {
    int end = from;
    while (end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static int compareDigits(String a, String b) {
    String valueA = a.substring(leadingZeros(a));
    String valueB = b.substring(leadingZeros(b));
    int byLength = Integer.compare(valueA.length(), valueB.length());
    return byLength != 0 ? byLength : valueA.compareTo(valueB);
  }

  private static int leadingZeros(String digits) {
    int zeros = 0;
    while (zeros < digits.length() && digits.charAt(zeros) == '0') {
      zeros++;
    }
    return zeros;
  }

  /** The folder separator comes before any other character. */
  private static int rank(char c) {
    return c == '/' ? -1 : c;
  }

  /** Names alike but for leading zeros: the shorter first, then by characters. */
  private static int byZeros(String a, String b) {
    int byLength = Integer.compare(a.length(), b.length());
    return byLength != 0 ? byLength : a.compareTo(b);
  }
}
