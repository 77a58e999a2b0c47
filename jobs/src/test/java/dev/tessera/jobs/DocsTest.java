package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.tessera.jobs.cli.BenchCommand;
import dev.tessera.jobs.cli.CheckCommand;
import dev.tessera.jobs.cli.EvaluateCommand;
import dev.tessera.jobs.cli.LocalizeCommand;
import dev.tessera.jobs.cli.ModelCommand;
import dev.tessera.jobs.cli.PublishCommand;
import dev.tessera.jobs.cli.RunCommand;
import dev.tessera.jobs.cli.StageCommands;
import dev.tessera.jobs.cli.SynthesizeCommand;
import dev.tessera.jobs.tables.BorderRows;
import dev.tessera.jobs.tables.CameraRows;
import dev.tessera.jobs.tables.ChunkRows;
import dev.tessera.jobs.tables.EdgeRows;
import dev.tessera.jobs.tables.FailureRows;
import dev.tessera.jobs.tables.LensRows;
import dev.tessera.jobs.tables.LocalizedRows;
import dev.tessera.jobs.tables.MembershipRows;
import dev.tessera.jobs.tables.MemoryRows;
import dev.tessera.jobs.tables.OutcomeRows;
import dev.tessera.jobs.tables.PlanRows;
import dev.tessera.jobs.tables.PointRows;
import dev.tessera.jobs.tables.QuarantineRows;
import dev.tessera.jobs.tables.TileRows;
import dev.tessera.jobs.tables.ViewRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Documentation says what is there: links, settings, options, scripts, columns. */
class DocsTest {
  /** The module's folder is the working directory of its tests. */
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

  private static final Pattern LINK = Pattern.compile("(?:]\\(|src=\")([^)\"\\s]+)[)\"]");
  private static final Pattern SCRIPT = Pattern.compile("scripts/[a-z][a-z_-]*(?:\\.py)?");
  private static final Pattern OPTION = Pattern.compile("--[a-z][a-z-]*");
  private static final Pattern NAME = Pattern.compile("`([a-z0-9_]+)`");
  private static final Pattern DEFAULT =
      Pattern.compile("^\\| `([a-z]+\\.[a-z-]+)` \\| ([^|]+) \\|", Pattern.MULTILINE);

  private static final Map<DataType, String> TYPE_WORDS =
      Map.of(
          DataTypes.LongType, "long",
          DataTypes.IntegerType, "int",
          DataTypes.ShortType, "short",
          DataTypes.DoubleType, "double",
          DataTypes.FloatType, "float",
          DataTypes.BooleanType, "boolean",
          DataTypes.StringType, "string",
          DataTypes.BinaryType, "binary");

  @Test
  void linksLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      for (String target : all(LINK, Files.readString(page), 1)) {
        String path = target.replaceAll("#.*", "");
        if (!target.contains("://") && !Files.exists(page.resolveSibling(path))) {
          broken.add(ROOT.relativize(page) + ": " + target);
        }
      }
    }

    assertThat(broken).isEmpty();
  }

  @Test
  void settingsThatAreNamedExist() throws IOException {
    Config defaults = defaults();
    String sections =
        defaults.root().keySet().stream()
            .filter(section -> !section.equals("spark"))
            .collect(Collectors.joining("|"));
    Pattern setting = Pattern.compile("(?<![\\w./-])(?:" + sections + ")\\.[a-z][a-z0-9-]*");

    Set<String> unknown = new TreeSet<>();
    for (Path page : pages()) {
      unknown.addAll(all(setting, Files.readString(page), 0));
    }
    unknown.removeIf(defaults::hasPath);

    assertThat(unknown).isEmpty();
  }

  @Test
  void readmeStatesTheDefaults() throws IOException {
    Map<String, String> stated = new TreeMap<>();
    Matcher rows = DEFAULT.matcher(Files.readString(ROOT.resolve("README.md")));
    while (rows.find()) {
      stated.put(rows.group(1), rows.group(2).strip());
    }

    Config defaults = defaults();
    assertThat(stated).isNotEmpty();
    stated.forEach((key, value) -> assertThat(defaults.getString(key)).as(key).isEqualTo(value));
  }

  @Test
  void scriptsThatAreNamedExist() throws IOException {
    for (Path page : pages()) {
      assertThat(all(SCRIPT, Files.readString(page), 0))
          .as(page.toString())
          .allSatisfy(script -> assertThat(ROOT.resolve(script)).exists());
    }
  }

  @Test
  void scriptsOfTheReadmeCanBeRun() throws IOException {
    assertThat(all(SCRIPT, Files.readString(ROOT.resolve("README.md")), 0))
        .contains("scripts/demo", "scripts/tessera")
        .allSatisfy(script -> assertThat(ROOT.resolve(script)).isExecutable());
  }

  @Test
  void optionsThatAreNamedExist() throws IOException {
    Set<String> known = new TreeSet<>(Set.of("--help"));
    List.of(
            new RunCommand(),
            new LocalizeCommand(),
            new StageCommands.Merge(),
            new EvaluateCommand(),
            new CheckCommand(),
            new PublishCommand(),
            new SynthesizeCommand(),
            new ModelCommand(),
            new BenchCommand())
        .forEach(command -> known.addAll(options(new CommandLine(command))));

    for (Path page : pages()) {
      Files.readString(page)
          .lines()
          .filter(line -> line.contains("scripts/tessera "))
          .forEach(
              line ->
                  assertThat(known).as("options in: " + line).containsAll(all(OPTION, line, 0)));
    }
  }

  /** Options of a command and of the commands below it. */
  private static Set<String> options(CommandLine command) {
    Set<String> options = new TreeSet<>(command.getCommandSpec().optionsMap().keySet());
    command.getSubcommands().values().forEach(below -> options.addAll(options(below)));
    return options;
  }

  @ParameterizedTest
  @MethodSource("schemas")
  void formatDescribesEveryColumn(String table, StructType schema) throws IOException {
    Map<String, String> documented = documentedColumns(table);

    Map<String, String> written = new LinkedHashMap<>();
    for (StructField field : schema.fields()) {
      written.put(field.name(), typeWord(field.dataType()) + (field.nullable() ? " null" : ""));
    }
    assertThat(documented).containsExactlyEntriesOf(written);
  }

  static Stream<Arguments> schemas() {
    Map<String, StructType> schemas = new TreeMap<>();
    schemas.put("cameras", CameraRows.SCHEMA);
    schemas.put("points", PointRows.SCHEMA);
    schemas.put("chunks", ChunkRows.SCHEMA);
    schemas.put("edges", EdgeRows.SCHEMA);
    schemas.put("tiles", TileRows.SCHEMA);
    schemas.put("memory", MemoryRows.SCHEMA);
    schemas.put("failures", FailureRows.SCHEMA);
    schemas.put("views", ViewRows.SCHEMA);
    schemas.put("quarantine", QuarantineRows.SCHEMA);
    schemas.put("memberships", MembershipRows.SCHEMA);
    schemas.put("plan", PlanRows.SCHEMA);
    schemas.put("borders", BorderRows.SCHEMA);
    schemas.put("outcomes", OutcomeRows.SCHEMA);
    schemas.put("lenses", LensRows.SCHEMA);
    schemas.put("localized", LocalizedRows.SCHEMA);
    return schemas.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
  }

  /** Column to type, with " null" where the page says when it is missing, in the page's order. */
  private static Map<String, String> documentedColumns(String table) throws IOException {
    List<String> lines = Files.readAllLines(ROOT.resolve("docs/format.md"));
    Predicate<String> heading = line -> line.matches("### " + table + "( \\(.*\\))?");
    Map<String, String> columns = new LinkedHashMap<>();
    lines.stream()
        .dropWhile(heading.negate())
        .skip(1)
        .takeWhile(line -> !line.startsWith("#"))
        .filter(line -> line.startsWith("| `"))
        .forEach(
            line -> {
              List<String> cells = List.of(line.split("\\|", -1));
              String type = cells.get(2).strip() + (cells.get(3).isBlank() ? "" : " null");
              all(NAME, cells.get(1), 1).forEach(name -> columns.put(name, type));
            });
    return columns;
  }

  private static String typeWord(DataType type) {
    return type instanceof ArrayType array
        ? "array of " + typeWord(array.elementType())
        : TYPE_WORDS.get(type);
  }

  private static Config defaults() {
    return ConfigFactory.parseFile(ROOT.resolve("conf/defaults.conf").toFile());
  }

  /** Every Markdown page of the repository. */
  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (Path folder : List.of(ROOT, ROOT.resolve("docs"), ROOT.resolve("docs/decisions"))) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
      }
    }
    return pages;
  }

  private static List<String> all(Pattern pattern, String text, int group) {
    return pattern.matcher(text).results().map((MatchResult m) -> m.group(group)).toList();
  }
}
