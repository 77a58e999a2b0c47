package dev.tessera.jobs.cli;

import dev.tessera.backbone.ConfigFile;
import dev.tessera.backbone.RandomNetwork;
import dev.tessera.jobs.ProgressBoard;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A network with random weights. */
@Command(
    name = "random",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes a network of given sizes with random weights, for timing and trials: time and",
      "memory do not depend on what the weights are. It has fast weights if the config has a ttt",
      "object; what the config does not say is as in the released models, so that {} is VGGT-1B."
    })
public final class ModelRandomCommand extends ModelTool {
  private static final double MILLION = 1e6;

  @Option(
      names = "--model-config",
      required = true,
      paramLabel = "FILE",
      description = "JSON with the sizes: embed_dim, depth, num_heads, patch_size, ttt, ...")
  private Path modelConfig;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "Safetensors file to write; must not be there.")
  private Path out;

  @Option(names = "--seed", paramLabel = "S", description = "Of the weights (1).")
  private long seed = 1;

  @Option(names = "--dtype", paramLabel = "f32|bf16", description = "How they are stored (f32).")
  private String dtype = "f32";

  @Override
  void carryOut() throws IOException {
    DType stored = stored();
    RandomNetwork network = RandomNetwork.of(ConfigFile.read(modelConfig));
    if (Files.exists(out)) {
      throw new IllegalArgumentException("Cannot write " + out + ": it is there already");
    }
    long numbers = network.tensors(stored).stream().mapToLong(TensorInfo::elements).sum();
    long start = System.nanoTime();
    AtomicLong done = new AtomicLong();
    try (ProgressBoard board = ProgressBoard.open(System.err)) {
      board.start("random", "parameters", numbers, done::get);
      network.write(out, stored, seed, done::set);
      board.finish(
          "random",
          String.format(Locale.ROOT, "%.1f million parameters in %s", numbers / MILLION, out),
          (System.nanoTime() - start) / 1e9);
    }
  }

  private DType stored() {
    return switch (dtype.toLowerCase(Locale.ROOT)) {
      case "f32" -> DType.F32;
      case "bf16" -> DType.BF16;
      default ->
          throw new IllegalArgumentException(
              "Cannot store weights as '%s': the types are f32, bf16".formatted(dtype));
    };
  }
}
