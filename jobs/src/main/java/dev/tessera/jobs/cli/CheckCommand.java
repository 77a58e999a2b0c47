package dev.tessera.jobs.cli;

import dev.tessera.jobs.MapChecker;
import dev.tessera.jobs.Settings;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whether a map keeps the rules of its format. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Checks a published map: files, digests, columns, numbers, order, references.",
      "",
      "Prints a line for each rule that is broken, with how often and an example; docs/format.md",
      "lists the rules. Exit code 5 if there is one."
    })
public final class CheckCommand implements Callable<Integer> {
  @ArgGroup(multiplicity = "1")
  private Place place;

  /** Which map. */
  private static final class Place {
    @Option(names = "--workspace", paramLabel = "URI", description = "Workspace with the map.")
    private String workspace;

    @Option(
        names = "--map",
        paramLabel = "URI",
        description = "Folder of the map itself, or the _manifest.json in it.")
    private String map;
  }

  @Mixin private SettingsOptions named;

  @Mixin private MasterOption master;

  @Option(names = "--json", description = "Print one JSON object instead of lines.")
  private boolean json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    return MapChecker.execute(
        named.on(Settings.defaults()),
        new MapChecker.Request(place.workspace, place.map, master.url, json),
        spec.commandLine().getOut());
  }
}
