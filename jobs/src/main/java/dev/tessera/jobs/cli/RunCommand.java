package dev.tessera.jobs.cli;

import dev.tessera.jobs.Pipeline;
import dev.tessera.jobs.workspace.Stage;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** From photos to the published map: all stages in turn. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Makes a map from a folder of photos: all stages, resuming what is there.")
public final class RunCommand implements Callable<Integer> {
  @Option(
      names = "--photos",
      required = true,
      paramLabel = "URI",
      description = "Folder of photos (JPEG, PNG, TIFF), looked through recursively.")
  private String photos;

  @Mixin private ExtendOption extension;

  @Mixin private RunOptions options;

  @Override
  public Integer call() throws IOException {
    return Pipeline.execute(
        options.settings(),
        new Pipeline.Request(
            photos,
            options.workspace,
            options.master.url,
            options.force,
            options.onlyChunks,
            Stage.OF_A_RUN,
            options.runName,
            extension.extend,
            List.of()));
  }
}
