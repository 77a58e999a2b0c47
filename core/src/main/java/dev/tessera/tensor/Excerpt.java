package dev.tessera.tensor;

import java.util.List;
import java.util.stream.Collectors;

/** Text from a file as it may stand in a message: on one line, and not long. */
final class Excerpt {
  private static final int MOST_CHARACTERS = 120;
  private static final int MOST_ENTRIES = 20;

  private Excerpt() {}

  /** The text in quotes, cut; what does not print becomes a question mark. */
  static String of(String text) {
    String head = text.length() <= MOST_CHARACTERS ? text : text.substring(0, MOST_CHARACTERS);
    String printed = head.replaceAll("[\\p{C}\\u2028\\u2029]", "?");
    return "'" + printed + (head.length() < text.length() ? "...'" : "'");
  }

  /** The first names in quotes, and how many more there are. */
  static String names(List<String> names) {
    return list(names.stream().map(Excerpt::of).toList());
  }

  /** The first entries, and how many more there are. */
  static String list(List<?> entries) {
    String shown =
        entries.stream()
            .limit(MOST_ENTRIES)
            .map(String::valueOf)
            .collect(Collectors.joining(", ", "[", ""));
    int more = entries.size() - MOST_ENTRIES;
    return shown + (more > 0 ? ", and " + more + " more]" : "]");
  }
}
