package dev.tessera.reconstruct;

import ai.djl.Device;
import dev.tessera.backbone.ConfigFile;
import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtConfig;
import dev.tessera.imagery.NetworkInput;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.Precision;
import dev.tessera.tensor.Torch;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * VGGT or VGG-T3 on a user's checkpoint.
 *
 * @param engineName {@code vggt} where the global layers are softmax attention, {@code vgg-t3}
 *     where they have fast weights
 * @param weights file or folder of the checkpoint, readable under this path on every executor
 * @param modelConfig the model's config file, likewise; empty where the checkpoint says enough
 * @param digest of the checkpoint and the config file
 * @param weightBytes what the weights take in memory
 * @param input how photos are prepared
 * @param options how a pass is computed
 * @param points which pixels become points
 */
public record VggtSpec(
    String engineName,
    String weights,
    String modelConfig,
    String digest,
    long weightBytes,
    NetworkInput input,
    Precision precision,
    Vggt.Options options,
    PointSelection points)
    implements EngineSpec {
  public static final String SOFTMAX = "vggt";
  public static final String FAST_WEIGHTS = "vgg-t3";

  /** Changes whenever the same photos and settings may give another scene. */
  private static final String VERSION = "vggt 1";

  /**
   * Which pixels become points.
   *
   * @param minConfidence least confidence, in [0, 1), where 1 - 1/c stands for the network's c >= 1
   * @param stride pixels of the network's input from one to the next, along rows and columns
   */
  public record PointSelection(double minConfidence, int stride) implements Serializable {
    public PointSelection {
      if (!(minConfidence >= 0 && minConfidence < 1) || stride < 1) {
        throw new IllegalArgumentException(
            "Points need a confidence in [0, 1) and a stride of at least 1, was %s and %d"
                .formatted(minConfidence, stride));
      }
    }
  }

  /**
   * The spec of a checkpoint. Reads all of it once, for its digest.
   *
   * @param modelConfig the model's config file; null for {@code config.json} beside the weights, if
   *     there is one
   * @throws IllegalArgumentException if the checkpoint does not fit the engine, or cannot be used
   */
  public static VggtSpec of(
      String engineName,
      Path weights,
      Path modelConfig,
      NetworkInput input,
      Precision precision,
      Vggt.Options options,
      PointSelection points) {
    try (Checkpoint checkpoint = Checkpoint.open(weights)) {
      VggtConfig config = VggtConfig.of(checkpoint, file(weights, modelConfig));
      Vggt.requireFits(checkpoint, config);
      String held = config.fastWeights().isPresent() ? FAST_WEIGHTS : SOFTMAX;
      if (!held.equals(engineName)) {
        throw new IllegalArgumentException(
            "Cannot run engine %s on %s: these are weights of %s"
                .formatted(engineName, weights, held));
      }
      if (input.patchPixels() != config.patchSize()) {
        throw new IllegalArgumentException(
            "Cannot prepare photos in patches of %d pixels: the network has patches of %d"
                .formatted(input.patchPixels(), config.patchSize()));
      }
      return new VggtSpec(
          engineName,
          weights.toAbsolutePath().toString(),
          modelConfig == null ? "" : modelConfig.toAbsolutePath().toString(),
          checkpoint.digest() + " " + config,
          checkpoint.parameters() * (precision == Precision.F64 ? Double.BYTES : Float.BYTES),
          input,
          precision,
          options,
          points);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Side of the network's patches, of which the sides of its input are multiples.
   *
   * @throws IllegalArgumentException if the checkpoint cannot be used
   */
  public static int patchPixels(Path weights, Path modelConfig) {
    try (Checkpoint checkpoint = Checkpoint.open(weights)) {
      return VggtConfig.of(checkpoint, file(weights, modelConfig)).patchSize();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ConfigFile file(Path weights, Path modelConfig) throws IOException {
    return modelConfig == null ? ConfigFile.beside(weights) : ConfigFile.read(modelConfig);
  }

  /** All but where the weights lie; limits of memory change no more than the last digits. */
  @Override
  public String fingerprint() {
    return "%s %s %s %s %s steps=%d %s"
        .formatted(VERSION, engineName, digest, input, precision, options.steps(), points);
  }

  /** The network fills its device. */
  @Override
  public int mostChunksAtOnce() {
    return 1;
  }

  @Override
  public boolean usesGpu() {
    return true;
  }

  @Override
  public int gpusHere() {
    return Torch.gpus();
  }

  @Override
  public ReconstructionEngine open(int threads) {
    return open(threads, OptionalInt.empty());
  }

  @Override
  public ReconstructionEngine open(int threads, OptionalInt gpu) {
    Device device = gpu.isPresent() ? Device.gpu(gpu.getAsInt()) : Device.cpu();
    Path configFile = modelConfig.isEmpty() ? null : Path.of(modelConfig);
    try (Checkpoint checkpoint = Checkpoint.open(Path.of(weights))) {
      VggtConfig config = VggtConfig.of(checkpoint, file(Path.of(weights), configFile));
      Vggt network = Vggt.open(checkpoint, config, device, threads, precision);
      return new VggtEngine(network, this, threads);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
