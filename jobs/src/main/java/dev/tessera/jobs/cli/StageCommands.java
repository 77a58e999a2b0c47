package dev.tessera.jobs.cli;

import dev.tessera.jobs.Pipeline;
import dev.tessera.jobs.workspace.Stage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The stages one by one, for schedulers and for the curious. */
public final class StageCommands {
  private StageCommands() {}

  private abstract static class StageCommand implements Callable<Integer> {
    @Mixin private RunOptions options;

    abstract Stage stage();

    String photos() {
      return null;
    }

    boolean extend() {
      return false;
    }

    List<String> joined() {
      return List.of();
    }

    @Override
    public Integer call() throws IOException {
      return Pipeline.execute(
          options.settings(),
          new Pipeline.Request(
              photos(),
              options.workspace,
              options.master.url,
              options.force,
              options.onlyChunks,
              EnumSet.of(stage()),
              options.runName,
              extend(),
              joined()));
    }
  }

  /** Photos to views. */
  @Command(
      name = "ingest",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Reads the photos' headers: each becomes a view, or a row with a reason.")
  public static final class Ingest extends StageCommand {
    @Option(
        names = "--photos",
        required = true,
        paramLabel = "URI",
        description = "Folder of photos (JPEG, PNG, TIFF), looked through recursively.")
    private String photos;

    @Override
    Stage stage() {
      return Stage.INGEST;
    }

    @Override
    String photos() {
      return photos;
    }
  }

  /** Views to chunks. */
  @Command(
      name = "partition",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Groups the views into overlapping chunks of bounded size.")
  public static final class Partition extends StageCommand {
    @Mixin private ExtendOption extension;

    @Override
    boolean extend() {
      return extension.extend;
    }

    @Override
    Stage stage() {
      return Stage.PARTITION;
    }
  }

  /** Chunks to scenes. */
  @Command(
      name = "reconstruct",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Reconstructs the chunks that are not in the store yet.")
  public static final class Reconstruct extends StageCommand {
    @Override
    Stage stage() {
      return Stage.RECONSTRUCT;
    }
  }

  /** Scenes to edges. */
  @Command(
      name = "align",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Measures how neighbouring chunks lie to each other.")
  public static final class Align extends StageCommand {
    @Override
    Stage stage() {
      return Stage.ALIGN;
    }
  }

  /** Whole borders and right chunks. */
  @Command(
      name = "repair",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description =
          "Makes chunks again that the others contradict, and joins neighbours without an edge.")
  public static final class Repair extends StageCommand {
    @Override
    Stage stage() {
      return Stage.REPAIR;
    }
  }

  /** Edges to the map. */
  @Command(
      name = "merge",
      mixinStandardHelpOptions = true,
      sortOptions = false,
      description = "Solves for all chunks together, fuses their points, publishes the map.")
  public static final class Merge extends StageCommand {
    @Option(
        names = "--with",
        paramLabel = "URI",
        description =
            "Another workspace whose chunks go into this map too; repeat for several. Its photos are"
                + " not needed, nothing in it is changed.")
    private List<String> joined = new ArrayList<>();

    @Override
    Stage stage() {
      return Stage.MERGE;
    }

    @Override
    List<String> joined() {
      return joined;
    }
  }
}
