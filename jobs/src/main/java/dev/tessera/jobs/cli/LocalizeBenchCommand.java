package dev.tessera.jobs.cli;

import dev.tessera.jobs.ExitCodes;
import dev.tessera.jobs.LocalizeBench;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what it costs to ask a map about photos. */
@Command(
    name = "localize",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Asks every chunk of a map about every photo, one after the other, in this JVM.",
      "",
      "Says what processor time the features of a photo take, and beside them reading a memory and",
      "finding the pose; without the first, which loads code. The workspace is not changed."
    })
public final class LocalizeBenchCommand implements Callable<Integer> {
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
      description = "Folder of photos, looked through recursively.")
  private String photos;

  @Mixin private BenchReport report;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    report.print(LocalizeBench.run(workspace, photos), spec.commandLine().getOut());
    return ExitCodes.OK;
  }
}
