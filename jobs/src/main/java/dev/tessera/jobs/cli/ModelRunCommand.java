package dev.tessera.jobs.cli;

import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtConfig;
import dev.tessera.jobs.ProgressBoard;
import dev.tessera.jobs.model.ImageTensor;
import dev.tessera.jobs.model.ModelRun;
import dev.tessera.tensor.Checkpoint;
import dev.tessera.tensor.Precision;
import dev.tessera.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a network says of prepared images, number by number. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs a network on prepared images and writes all it says to a safetensors file: out.* for",
      "a scene, fast.LAYER.w0|w1|w2 for its fast weights. With --map-images and --query-images,",
      "map.* for the scene of the first, and query.N.* for each of the others, located in it",
      "alone and without training.",
      "",
      "Names and shapes are those of VGGT's own outputs: pose_enc, pose_enc_list, extrinsic",
      "(camera from world), intrinsic, pose_c2w, cam_tokens, depth, depth_conf, world_points,",
      "world_points_conf, world_points_from_depth. Poses are in the frame of the first image."
    })
public final class ModelRunCommand extends ModelTool {
  @Mixin private WeightsOptions model;

  @Option(
      names = "--images",
      required = true,
      paramLabel = "FILE[#KEY]",
      description = {
        "Safetensors file with images (S, 3, H, W): F32 in 0 to 1 or U8, not normalised, sides",
        "multiples of the patch. Default KEY: in.images, else the only tensor of four axes."
      })
  private String images;

  @Option(names = "--map-images", paramLabel = "KEY", description = "Images of the scene.")
  private String mapKey;

  @Option(names = "--query-images", paramLabel = "KEY", description = "Images to locate in it.")
  private String queryKey;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "File to write.")
  private Path out;

  @Option(
      names = "--steps",
      paramLabel = "K",
      description = "Training steps of the fast weights (default 2, as in the published figures).")
  private int steps = Vggt.Options.defaults().steps();

  @Option(
      names = "--token-chunk",
      paramLabel = "N",
      description = "Tokens computed together, at least an image's; bounds memory (default 8192).")
  private int tokenChunk = Vggt.Options.defaults().tokensPerGroup();

  @Option(
      names = "--dtype",
      paramLabel = "f32|f64|bf16",
      description = "Numbers it computes with (f32). f64 writes F64, the others F32.")
  private String dtype = "f32";

  @Option(
      names = "--global-points",
      description = {
        "Take world_points and their confidence from the point head, as for the published",
        "figures. Without it they are depth unprojected, with the depth's confidence, and the",
        "point head is not run. world_points_from_depth is the latter in either case."
      })
  private boolean globalPoints;

  @Override
  void carryOut() throws IOException {
    Vggt.Options options = Vggt.Options.defaults().withSteps(steps).withTokensPerGroup(tokenChunk);
    Precision precision = Precision.of(dtype.toLowerCase(Locale.ROOT));
    if ((mapKey == null) != (queryKey == null)) {
      throw new IllegalArgumentException(
          "Cannot locate images: --map-images and --query-images go together");
    }
    Path imageFile = imageFile();
    int threads = Runtime.getRuntime().availableProcessors();
    try (Checkpoint checkpoint = model.checkpoint();
        Safetensors input = Safetensors.open(imageFile);
        ProgressBoard board = ProgressBoard.open(System.err)) {
      requireOther(out, imageFile);
      model.requireOther(out);
      VggtConfig config = VggtConfig.of(checkpoint, model.configFile());
      ModelRun.Settings settings = new ModelRun.Settings(precision, options, globalPoints, threads);
      run(new ModelRun(checkpoint, config, settings, board), input, config.patchSize());
    }
  }

  private void run(ModelRun run, Safetensors input, int patch) throws IOException {
    if (mapKey == null) {
      String key = key() == null ? ImageTensor.usualKey(input) : key();
      run.reconstruct(ImageTensor.of(input, key, patch), out);
      return;
    }
    if (key() != null) {
      throw new IllegalArgumentException(
          "Cannot take images '%s': --map-images and --query-images name them".formatted(key()));
    }
    ImageTensor map = ImageTensor.of(input, mapKey, patch);
    run.locate(map, ImageTensor.of(input, queryKey, patch), out);
  }

  /** A file may have a # in its name. */
  private Path imageFile() {
    return Path.of(key() == null ? images : images.substring(0, images.lastIndexOf('#')));
  }

  private String key() {
    int hash = images.lastIndexOf('#');
    return hash < 0 || Files.exists(Path.of(images)) ? null : images.substring(hash + 1);
  }
}
