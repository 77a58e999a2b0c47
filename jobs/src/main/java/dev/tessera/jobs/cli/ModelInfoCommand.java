package dev.tessera.jobs.cli;

import dev.tessera.jobs.model.CheckpointReport;
import dev.tessera.tensor.Checkpoint;
import java.io.IOException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** What is in a checkpoint. */
@Command(
    name = "info",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Says what a checkpoint holds: which network, its sizes and where each is known from, its",
      "tensors, what is missing, misshapen or unknown. Reads headers only. Exit code 0 if it can",
      "be run."
    })
public final class ModelInfoCommand extends ModelTool {
  @Mixin private WeightsOptions options;

  @Spec private CommandSpec spec;

  @Override
  void carryOut() throws IOException {
    CheckpointReport.Result report;
    try (Checkpoint checkpoint = options.checkpoint()) {
      report = CheckpointReport.of(checkpoint, options.configFile());
    }
    PrintWriter out = spec.commandLine().getOut();
    out.print(report.text());
    out.flush();
    if (report.obstacle().isPresent()) {
      throw new IllegalArgumentException(report.obstacle().get());
    }
  }
}
