package dev.tessera.jobs;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * All settings of a run: {@code conf/defaults.conf}, then the user's file, then the command line. A
 * key that the defaults do not have is refused, so that a slip of the pen cannot go unnoticed. Read
 * once on the driver; stages get records made from it, never the settings themselves.
 */
public final class Settings {
  /** Keys below these are passed on as they are and cannot be checked. */
  private static final String FREE_SECTION = "spark.conf.";

  /** In keys that are not ours: credentials, of which Spark's own redaction knows the most. */
  private static final Pattern SECRET =
      Pattern.compile(
          "secret|password|token|(access|account|api|private|shared)[._-]?key",
          Pattern.CASE_INSENSITIVE);

  /** What ends a key in something that is no assignment. */
  private static final Pattern NO_KEY = Pattern.compile("[^\\w.\"-]");

  private final Config defaults;
  private final Config config;

  private Settings(Config defaults, Config config) {
    this.defaults = defaults;
    this.config = config;
  }

  public static Settings defaults() {
    Config defaults = ConfigFactory.parseResources(Settings.class, "defaults.conf").resolve();
    if (defaults.isEmpty()) {
      throw new IllegalStateException("defaults.conf is missing from the jar");
    }
    return new Settings(defaults, defaults);
  }

  /**
   * These settings with those of a HOCON file on top.
   *
   * @throws UsageException if the file is missing, not HOCON, or names an unknown key
   */
  public Settings withFile(Path file) {
    if (!Files.isReadable(file)) {
      throw new UsageException("Cannot read settings " + file + ": no such file");
    }
    try {
      return with(ConfigFactory.parseFile(file.toFile()).resolve(), file.toString());
    } catch (ConfigException e) {
      throw new UsageException("Cannot read settings " + file + ": " + oneLine(e.getMessage()));
    }
  }

  /**
   * These settings with one {@code key=value} on top.
   *
   * @throws UsageException if it is not of that form, or the key is unknown
   */
  public Settings withOverride(String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new UsageException(
          "Cannot set '%s': write it as key=value, e.g. merge.voxel-m=0.2"
              .formatted(NO_KEY.split(assignment, 2)[0]));
    }
    String key = assignment.substring(0, equals).strip();
    String value = assignment.substring(equals + 1).strip();
    try {
      Config parsed = ConfigFactory.parseMap(Map.of(key, value));
      return with(parsed, "--set");
    } catch (ConfigException e) {
      throw new UsageException("Cannot set '" + key + "': " + oneLine(e.getMessage()));
    }
  }

  /**
   * These settings with those of an earlier run on top, as {@link #all} gave them: what it knew and
   * this version does not is left out.
   *
   * @param leftOut sections that are not taken over
   */
  Settings withRecorded(Map<String, String> recorded, Set<String> leftOut) {
    Map<String, String> known = new TreeMap<>(recorded);
    known.keySet().retainAll(flat(defaults).keySet());
    known.keySet().removeIf(key -> leftOut.contains(section(key)));
    return with(ConfigFactory.parseMap(known), "of the map");
  }

  private static String section(String key) {
    return key.substring(0, key.indexOf('.'));
  }

  private Settings with(Config overrides, String from) {
    Map<String, String> known = flat(defaults);
    for (Map.Entry<String, ConfigValue> entry : overrides.entrySet()) {
      String key = entry.getKey();
      if (!known.containsKey(key)) {
        requireFree(key, from);
      }
    }
    Config named = withSparkNames(overrides);
    Settings settings = new Settings(defaults, named.withFallback(config).resolve());
    known.keySet().forEach(settings::requireKind);
    return settings;
  }

  /** A key that the defaults do not have must be Spark's, and no credential wherever it is. */
  private void requireFree(String key, String from) {
    if (SECRET.matcher(key).find()) {
      throw new UsageException(
          "Cannot use setting %s: settings are written into the manifest; credentials come from the provider chain (docs/object-stores.md)"
              .formatted(key));
    }
    if (!key.startsWith(FREE_SECTION)) {
      throw new UsageException(
          "Cannot use setting %s (%s): no such key; the nearest is %s"
              .formatted(key, from, nearestKey(key)));
    }
  }

  /**
   * Settings of Spark are keys as a whole, however they are written, or two would have one name.
   */
  private static Config withSparkNames(Config overrides) {
    if (!overrides.hasPath("spark.conf")) {
      return overrides;
    }
    Config named = overrides.withoutPath("spark.conf");
    for (Map.Entry<String, ConfigValue> entry : overrides.getConfig("spark.conf").entrySet()) {
      String name = String.join(".", ConfigUtil.splitPath(entry.getKey()));
      named = named.withValue(ConfigUtil.joinPath("spark", "conf", name), entry.getValue());
    }
    return named;
  }

  /** A value must be of the kind that its default is: there, a number, a whole number. */
  private void requireKind(String key) {
    if (!config.hasPath(key)) {
      throw new UsageException("Cannot use setting %s=null: a value is needed".formatted(key));
    }
    if (defaults.getValue(key).valueType() == ConfigValueType.NUMBER) {
      boolean whole = !defaults.getString(key).contains("."); // as it is written
      double value = number(key);
      if (whole && value != Math.rint(value)) {
        throw wrongKind(key, "a whole number");
      }
    }
  }

  public String text(String key) {
    return get(key, config::getString, "a text");
  }

  public int integer(String key) {
    return get(key, config::getInt, "a whole number");
  }

  public long longInteger(String key) {
    return get(key, config::getLong, "a whole number");
  }

  public double number(String key) {
    return get(key, config::getDouble, "a number");
  }

  public boolean flag(String key) {
    return get(key, config::getBoolean, "true or false");
  }

  private <T> T get(String key, java.util.function.Function<String, T> getter, String wanted) {
    try {
      return getter.apply(key);
    } catch (ConfigException.WrongType | ConfigException.BadValue e) {
      throw wrongKind(key, wanted);
    }
  }

  private UsageException wrongKind(String key, String wanted) {
    return new UsageException(
        "Cannot use setting %s=%s: %s is needed"
            .formatted(key, config.getValue(key).unwrapped(), wanted));
  }

  /** Settings to hand to Spark, by their Spark names. */
  public Map<String, String> sparkConf() {
    Map<String, String> conf = new TreeMap<>();
    config
        .getConfig("spark.conf")
        .entrySet()
        .forEach(
            e ->
                conf.put(
                    String.join(".", ConfigUtil.splitPath(e.getKey())),
                    e.getValue().unwrapped().toString()));
    return conf;
  }

  /**
   * Key and value of everything in the given sections, sorted: what a stage's result depends on.
   */
  public String canonical(String... sections) {
    StringBuilder text = new StringBuilder();
    all()
        .forEach(
            (key, value) -> {
              if (List.of(sections).contains(section(key))) {
                text.append(key).append('=').append(value).append('\n');
              }
            });
    return text.toString();
  }

  /** All settings, sorted by key. */
  public Map<String, String> all() {
    return flat(config);
  }

  /** The settings that differ from their defaults, sorted by key. */
  public Map<String, String> changed() {
    Map<String, String> base = flat(defaults);
    Map<String, String> changed = new LinkedHashMap<>();
    all()
        .forEach(
            (key, value) -> {
              if (!value.equals(base.get(key))) {
                changed.put(key, value);
              }
            });
    return changed;
  }

  private static Map<String, String> flat(Config config) {
    Map<String, String> flat = new TreeMap<>();
    config.entrySet().forEach(e -> flat.put(e.getKey(), e.getValue().unwrapped().toString()));
    return flat;
  }

  private String nearestKey(String wrong) {
    return defaults.entrySet().stream()
        .map(Map.Entry::getKey)
        .min(
            Comparator.comparingInt((String key) -> editDistance(key, wrong))
                .thenComparing(Comparator.naturalOrder()))
        .orElseThrow();
  }

  /** Levenshtein's distance: insertions, deletions and replacements, one each. */
  private static int editDistance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }

  private static String oneLine(String message) {
    return message.lines().findFirst().orElse("");
  }
}
