package dev.tessera.jobs.cli;

import dev.tessera.backbone.ConfigFile;
import dev.tessera.tensor.Checkpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Where a network's weights and sizes are. */
final class WeightsOptions {
  @Option(
      names = "--weights",
      required = true,
      paramLabel = "FILE|DIR",
      description = {
        "Checkpoint with the official names: a safetensors file, the index of a sharded one, or",
        "the folder of either."
      })
  Path weights;

  @Option(
      names = "--model-config",
      paramLabel = "FILE",
      description = {
        "JSON with the sizes that shapes do not tell, such as intermediate_layer_idx. Default:",
        "config.json beside the weights; the released models' sizes where there is none."
      })
  private Path modelConfig;

  Checkpoint checkpoint() throws IOException {
    return Checkpoint.open(weights);
  }

  ConfigFile configFile() throws IOException {
    return modelConfig == null ? ConfigFile.beside(weights) : ConfigFile.read(modelConfig);
  }

  /** Weights must not be written over, nor a shard of them. */
  void requireOther(Path out) throws IOException {
    ModelTool.requireOther(out, weights);
    boolean sharded = Files.isDirectory(weights) || weights.toString().endsWith(".json");
    Path folder = Files.isDirectory(weights) ? weights : weights.toAbsolutePath().getParent();
    if (sharded
        && Files.exists(out)
        && Files.isSameFile(out.toAbsolutePath().getParent(), folder)) {
      throw new IllegalArgumentException(
          "Cannot write " + out + ": it is there already, among the weights");
    }
  }
}
