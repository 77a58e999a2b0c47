package dev.tessera.benchmark;

import ai.djl.Device;
import dev.tessera.backbone.RandomNetwork;
import dev.tessera.backbone.Vggt;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A network on random weights, in a file that is gone with it unless it was given. */
final class OpenNetwork implements AutoCloseable {
  private static final long SEED = 20260221;

  private final Path folder;
  private final Checkpoint checkpoint;
  private final Vggt network;

  private OpenNetwork(Path folder, Checkpoint checkpoint, Vggt network) {
    this.folder = folder;
    this.checkpoint = checkpoint;
    this.network = network;
  }

  static OpenNetwork open(RandomNetwork random, Device device, int threads) throws IOException {
    Path folder = Files.createTempDirectory("tessera-bench-");
    Path file = folder.resolve("model.safetensors");
    try {
      random.write(file, DType.F32, SEED, numbers -> {});
      Checkpoint checkpoint = Checkpoint.open(file);
      Vggt network = Vggt.open(checkpoint, random.config(), device, threads, Precision.F32);
      return new OpenNetwork(folder, checkpoint, network);
    } catch (IOException | RuntimeException | Error e) {
      delete(folder);
      throw e;
    }
  }

  Vggt network() {
    return network;
  }

  private static void delete(Path folder) throws IOException {
    Files.deleteIfExists(folder.resolve("model.safetensors"));
    Files.delete(folder);
  }

  @Override
  public void close() throws IOException {
    network.close();
    checkpoint.close();
    delete(folder);
  }
}
