package dev.tessera.jobs.cli;

import dev.tessera.jobs.Localizer;
import dev.tessera.jobs.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where photos were taken that are not in the map. */
@Command(
    name = "localize",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Poses photos that are not in the map, by what its chunks remember; nothing is trained"
          + " again.",
      "",
      "The engine and its settings are those that made the map. The table is kept in the"
          + " workspace;",
      "the first photos are shown. Exit code 1 if no photo could be posed."
    })
public final class LocalizeCommand implements Callable<Integer> {
  @Option(
      names = "--workspace",
      required = true,
      paramLabel = "URI",
      description = "Workspace with a published map whose engine keeps a memory.")
  private String workspace;

  @Option(
      names = "--photos",
      required = true,
      paramLabel = "URI",
      description = "Folder of photos (JPEG, PNG, TIFF), looked through recursively.")
  private String photos;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "File for the whole table: Parquet if its name ends so, else CSV.")
  private Path out;

  @Option(
      names = "--report",
      paramLabel = "FILE",
      description = "HTML file that shows the photos in a picture of the map.")
  private Path page;

  @Option(
      names = "--truth",
      paramLabel = "FILE",
      description = {
        "CSV of true cameras as for evaluate: compares the poses with them, after the similarity",
        "that fits the map's own cameras best."
      })
  private Path truth;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = "Where the model's checkpoint lies now, if not where it was.")
  private String weights;

  @Mixin private SettingsOptions named;

  @Mixin private MasterOption master;

  @Option(names = "--force", description = "Ask again what was asked before.")
  private boolean force;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    return new Localizer(
            new Localizer.Request(photos, workspace, out, page, truth, master.url, force),
            this::changed)
        .execute(spec.commandLine().getOut());
  }

  private Settings changed(Settings recorded) {
    return SettingsOptions.withWeights(named.on(recorded), weights);
  }
}
