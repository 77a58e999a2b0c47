package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.tensor.DType;
import dev.tessera.tensor.Safetensors;
import dev.tessera.tensor.SafetensorsWriter;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The model tools on a network of other sizes than the reference's. */
class ModelToolsTest {
  /** Groups change the order of float32 sums, and Newton-Schulz multiplies what that does. */
  private static final double SUMMATION_ERROR = 1e-4;

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({"true, f32", "true, bf16", "false, f32"})
  void aNetworkOfAnySizesRuns(boolean fastWeights, String stored) throws IOException {
    SmallModel model = SmallModel.make(temp, fastWeights, "--dtype", stored);
    Path out = temp.resolve("out.safetensors");

    CommandLineRun run = model.run(out, "--global-points", "--token-chunk", "20");

    assertThat(run.exitCode()).as(run.err()).isZero();
    try (Safetensors written = Safetensors.open(out)) {
      long v = SmallModel.VIEWS;
      long h = SmallModel.HEIGHT;
      long w = SmallModel.WIDTH;
      assertShape(written, "out.pose_enc", 1, v, 9);
      assertShape(written, "out.pose_enc_list", SmallModel.ITERATIONS, 1, v, 9);
      assertShape(written, "out.extrinsic", 1, v, 3, 4);
      assertShape(written, "out.intrinsic", 1, v, 3, 3);
      assertShape(written, "out.pose_c2w", v, 4, 4);
      assertShape(written, "out.cam_tokens", 1, v, 2 * SmallModel.EMBED_DIM);
      assertShape(written, "out.depth", 1, v, h, w, 1);
      assertShape(written, "out.depth_conf", 1, v, h, w);
      assertShape(written, "out.world_points", 1, v, h, w, 3);
      assertShape(written, "out.world_points_conf", 1, v, h, w);
      assertShape(written, "out.world_points_from_depth", v, h, w, 3);
      assertThat(written.names())
          .hasSize(11 + (fastWeights ? 3 * SmallModel.DEPTH : 0))
          .allSatisfy(
              name ->
                  assertThat(DoubleStream.of(written.doubles(name))).allMatch(Double::isFinite));
      if (fastWeights) {
        assertShape(written, "fast.5.w0", 2, 20, 40);
        assertShape(written, "fast.5.w1", 2, 40, 20);
      }
    }
  }

  private static void assertShape(Safetensors written, String name, long... shape) {
    assertThat(written.info(name)).isEqualTo(TensorInfo.of(name, DType.F32, shape));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void groupsOfTokensChangeNoMoreThanTheLastDigits(boolean fastWeights) throws IOException {
    SmallModel model = SmallModel.make(temp, fastWeights);
    model.run(temp.resolve("a.safetensors"));
    model.run(temp.resolve("b.safetensors"), "--token-chunk", "1");

    try (Safetensors a = Safetensors.open(temp.resolve("a.safetensors"));
        Safetensors b = Safetensors.open(temp.resolve("b.safetensors"))) {
      assertThat(a.names()).isEqualTo(b.names());
      for (String name : a.names()) {
        double[] whole = a.doubles(name);
        double largest = DoubleStream.of(whole).map(Math::abs).max().orElseThrow();
        assertThat(b.doubles(name))
            .as(name)
            .usingComparatorWithPrecision(SUMMATION_ERROR * largest)
            .containsExactly(whole);
      }
    }
  }

  @Test
  void queriesOfAnotherSizeThanTheMapAreLocated() throws IOException {
    SmallModel model = SmallModel.make(temp, true);
    Path images = temp.resolve("two.safetensors");
    TensorInfo map = TensorInfo.of("m", DType.F32, 2, 3, 32, 48);
    TensorInfo query = TensorInfo.of("q", DType.U8, 1, 3, 48, 32);
    try (SafetensorsWriter writer =
        SafetensorsWriter.create(images, List.of(map, query), Map.of())) {
      writer.write("m", new float[(int) map.elements()]);
      writer.write("q", ByteBuffer.allocate((int) query.bytes()));
      writer.finish();
    }
    Path out = temp.resolve("out.safetensors");

    CommandLineRun run =
        model.withImages(images).run(out, "--map-images", "m", "--query-images", "q");

    assertThat(run.exitCode()).as(run.err()).isZero();
    try (Safetensors written = Safetensors.open(out)) {
      assertShape(written, "map.depth", 1, 2, 32, 48, 1);
      assertShape(written, "query.0.depth", 1, 1, 48, 32, 1);
      assertShape(written, "map.fast.0.w2", 2, 20, 40);
    }
  }

  @Test
  void infoSaysWhereEachSizeIsFrom() throws IOException {
    CommandLineRun info = SmallModel.make(temp, true).info();

    assertThat(info.exitCode()).as(info.err()).isZero();
    assertThat(info.err()).isEmpty();
    assertThat(info.out().lines().map(line -> line.replaceAll(" +", " ").strip()))
        .contains(
            "kind vgg-t3: fast weights in the global layers",
            "embed_dim 40 weights",
            "img_size 160 weights",
            "vit_heads 5 config",
            "rope_freq 100.0 default",
            "ttt.muon_update_steps 4 config",
            "taps heads see layers [1, 2, 4, 5] of 0 to 5",
            "fast weights 6 layers of 3 tensors, 2 heads, 20 x 40 each",
            "memory of a map 115,200 bytes, and 320 for each of its images",
            "missing none",
            "misshapen none",
            "unknown none");
  }

  @Test
  void infoOfSoftmaxAttentionHasNoMemory() throws IOException {
    CommandLineRun info = SmallModel.make(temp, false).info();

    assertThat(info.exitCode()).isZero();
    assertThat(info.out())
        .contains("vggt: softmax attention", "none: it cannot be asked about other images");
  }

  @Test
  void infoListsAllThatDoesNotFit() throws IOException {
    SmallModel model = SmallModel.make(temp, true);
    Path damaged =
        TensorFiles.rewritten(
            model.weights(),
            temp.resolve("damaged.safetensors"),
            tensor ->
                switch (tensor.name()) {
                  case "camera_head.token_norm.bias", "depth_head.norm.weight" -> null;
                  case "aggregator.frame_blocks.1.attn.proj.bias" ->
                      TensorInfo.of(tensor.name(), DType.F32, 41);
                  case "point_head.norm.bias" -> TensorInfo.of(tensor.name(), DType.I64, 80);
                  case "aggregator.patch_embed.norm.bias" ->
                      TensorInfo.of("of_another_network", DType.F32, 40);
                  default -> tensor;
                });

    CommandLineRun info = model.withWeights(damaged).info();

    assertThat(info.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(info.out().lines().map(line -> line.replaceAll(" +", " ").strip()))
        .contains(
            "missing 3",
            "camera_head.token_norm.bias [80]",
            "depth_head.norm.weight [80]",
            "aggregator.patch_embed.norm.bias [40]",
            "misshapen 2",
            "aggregator.frame_blocks.1.attn.proj.bias is [41] instead of [40]",
            "unknown 1",
            "of_another_network");
    assertThat(info.errLines())
        .singleElement()
        .asString()
        .startsWith("tessera: Cannot use weights " + damaged)
        .contains("3 missing and 2 misfits");
  }

  @Test
  void infoCountsTheTensorsOfAnyCheckpoint() throws IOException {
    TensorInfo tensor = TensorInfo.of("encoder.weight", DType.F16, 4, 5);
    Path weights = TensorFiles.single(temp.resolve("other.safetensors"), tensor, new byte[40]);

    CommandLineRun info = CommandLineRun.of("model", "info", "--weights", weights.toString());

    assertThat(info.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(info.out()).contains("F16", "encoder", "1 tensors", "20 parameters", "40 bytes");
    assertThat(info.errLines())
        .singleElement()
        .asString()
        .contains("so they are not of a VGGT or VGG-T3");
  }

  @Test
  void aRandomNetworkIsNotWrittenOverAnother() throws IOException {
    SmallModel model = SmallModel.make(temp, true);
    byte[] before = Files.readAllBytes(model.weights());

    CommandLineRun again =
        CommandLineRun.of(
            "model",
            "random",
            "--model-config",
            model.config().toString(),
            "--out",
            model.weights().toString(),
            "--seed",
            "2");

    assertThat(again.exitCode()).isEqualTo(ExitCodes.USAGE);
    assertThat(again.errLines()).singleElement().asString().contains("it is there already");
    assertThat(Files.readAllBytes(model.weights())).isEqualTo(before);
  }
}
