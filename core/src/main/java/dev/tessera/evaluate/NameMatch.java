package dev.tessera.evaluate;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the photo that a name in another list means: the same path, or else the same file name if
 * only one path on either side has it.
 */
final class NameMatch {
  private final Set<String> names;
  private final Map<String, Integer> askedFileNames = new HashMap<>();
  private final Map<String, String> byFileName = new HashMap<>();
  private final Set<String> ambiguous = new HashSet<>();

  /**
   * @param names the paths to be found
   * @param asked the paths that will be looked up
   */
  NameMatch(Collection<String> names, Collection<String> asked) {
    this.names = new HashSet<>(names);
    for (String name : names) {
      if (byFileName.put(fileName(name), name) != null) {
        ambiguous.add(fileName(name));
      }
    }
    for (String name : asked) {
      askedFileNames.merge(fileName(name), 1, Integer::sum);
    }
  }

  Optional<String> find(String name) {
    if (names.contains(name)) {
      return Optional.of(name);
    }
    String file = fileName(name);
    if (ambiguous.contains(file) || askedFileNames.getOrDefault(file, 0) > 1) {
      return Optional.empty();
    }
    return Optional.ofNullable(byFileName.get(file));
  }

  private static String fileName(String path) {
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  }
}
