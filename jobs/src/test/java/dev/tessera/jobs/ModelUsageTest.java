package dev.tessera.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tessera.tensor.DType;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Model tools that cannot do what they are asked: one line, an exit code, nothing written. */
class ModelUsageTest {
  @TempDir static Path models;

  private static SmallModel fast;
  private static SmallModel softmax;

  @TempDir Path temp;

  @BeforeAll
  static void modelsOfBothKinds() throws IOException {
    fast = SmallModel.make(Files.createDirectory(models.resolve("fast")), true);
    softmax = SmallModel.make(Files.createDirectory(models.resolve("softmax")), false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"model", "model info", "model run", "model random"})
  void helpGoesToStandardOutput(String command) {
    List<String> arguments = new ArrayList<>(List.of(command.split(" ")));
    CommandLineRun help = CommandLineRun.of(arguments, "--help");

    assertThat(help.exitCode()).isZero();
    assertThat(help.err()).isEmpty();
    assertThat(help.out()).contains("Usage: tessera " + command);
  }

  @Test
  void aToolMustBeNamed() {
    refused(CommandLineRun.of("model"), "subcommand");
  }

  @Test
  void weightsThatAreNotThereAreRefused() throws IOException {
    weightsRefused(temp.resolve("none.safetensors"), "no such file");
  }

  @Test
  void truncatedWeightsAreRefused() throws IOException {
    byte[] whole = Files.readAllBytes(fast.weights());
    Path cut = Files.write(temp.resolve("cut.safetensors"), Arrays.copyOf(whole, 100_000));

    weightsRefused(cut, "cut.safetensors");
  }

  @Test
  void aCorruptHeaderIsRefused() throws IOException {
    byte[] bytes = Files.readAllBytes(fast.weights());
    bytes[200] = 0;
    Path corrupt = Files.write(temp.resolve("corrupt.safetensors"), bytes);

    weightsRefused(corrupt, "corrupt.safetensors");
  }

  @Test
  void aPickleIsRefused() throws IOException {
    byte[] pickle = {(byte) 0x80, 2, 'c', 'o', 's', '\n', 's', 'y', 's', 't', 'e', 'm', '\n'};

    weightsRefused(Files.write(temp.resolve("model.pt"), pickle), "a pickle can run any code");
  }

  @Test
  void wholeNumbersAreNoWeights() throws IOException {
    String norm = "aggregator.patch_embed.norm.weight";
    Path integers =
        TensorFiles.rewritten(
            fast.weights(),
            temp.resolve("integers.safetensors"),
            t -> t.name().equals(norm) ? TensorInfo.of(norm, DType.I64, 40) : t);

    weightsRefused(integers, norm + " is I64 instead of [F16, BF16, F32, F64]");
  }

  @Test
  void allMissingAndMisshapenTensorsAreNamedAtOnce() throws IOException {
    Path damaged =
        TensorFiles.rewritten(
            fast.weights(),
            temp.resolve("damaged.safetensors"),
            t ->
                t.name().startsWith("camera_head.token_norm.")
                    ? null
                    : t.name().equals("aggregator.global_blocks.3.attn.w1")
                        ? TensorInfo.of(t.name(), DType.F32, 2, 20, 40)
                        : t);

    weightsRefused(
        damaged,
        "missing camera_head.token_norm.weight [80]; missing camera_head.token_norm.bias [80];"
            + " aggregator.global_blocks.3.attn.w1 is [2, 20, 40] instead of [2, 40, 20]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{ ; Cannot read model config",
        "[1, 2] ; not a JSON object",
        "{} ; its config must say intermediate_layer_idx",
        "{'intermediate_layer_idx': [0, 1, 2, 9]} ; must be 4 different layers of 0 to 5",
        "{'intermediate_layer_idx': 'all'} ; must be a list of whole numbers",
        "{'embed_dim': 48} ; embed_dim is 48 there, but 40 in the weights",
        "{'depth': 7} ; depth is 7 there, but 6 in the weights",
        "{'img_size': 518} ; img_size is 518 there, but 160 in the weights",
        "{'intermediate_layer_idx': [1, 2, 4, 5], 'dpt_out_channels': [8, 16, 24, 33]} ; [8, 16, 24, 32] in the",
        "{'num_heads': 2.5} ; num_heads must be a whole number above 0"
      })
  void aWrongConfigIsRefused(String json, String why) throws IOException {
    Path config = Files.writeString(temp.resolve("c.json"), json.replace('\'', '"'));
    Path out = temp.resolve("out.safetensors");

    refused(fast.run(out, "--model-config", config.toString()), why);
    refusedAtTheEnd(fast.info("--model-config", config.toString()), why);
    assertThat(TensorFiles.names(temp)).containsExactly("c.json");
  }

  @Test
  void aConfigWithFastWeightsIsNotThatOfSoftmaxAttention() throws IOException {
    Path out = temp.resolve("out.safetensors");

    refused(
        softmax.run(out, "--model-config", fast.config().toString()),
        "it has ttt, but the weights have no fast weights");
    assertThat(TensorFiles.names(temp)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "F32; 1 3 48 60; 48 x 60 pixels (height x width) must be multiples of the network's patch",
        "F32; 3 48 64; its shape must be [views, 3, height, width], was [3, 48, 64]",
        "F32; 1 48 64 3; its shape must be [views, 3, height, width], was [1, 48, 64, 3]",
        "F32; 0 3 48 64; its shape must be",
        "I64; 1 3 48 64; its dtype must be F32 or U8, was I64",
        "F16; 1 3 48 64; its dtype must be F32 or U8, was F16"
      })
  void imagesThatAreNoneAreRefused(String dtype, String shape, String why) throws IOException {
    long[] extents = Arrays.stream(shape.split(" ")).mapToLong(Long::parseLong).toArray();
    TensorInfo info = TensorInfo.of("in.images", DType.valueOf(dtype), extents);

    imagesRefused(images(info, new byte[(int) info.bytes()]), why);
  }

  @ParameterizedTest
  @ValueSource(floats = {255, -0.5f, Float.NaN})
  void imagesOutOfRangeAreRefused(float value) throws IOException {
    TensorInfo info = TensorInfo.of("in.images", DType.F32, 1, 3, 16, 16);
    ByteBuffer bytes = ByteBuffer.allocate((int) info.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putFloat(40, value);

    imagesRefused(images(info, bytes.array()), "values must be in 0 to 1, view 0 has " + value);
  }

  @Test
  void aKeyThatIsNotThereIsRefusedWithThoseThatAre() throws IOException {
    imagesRefused(
        Path.of(fast.images() + "#in.images"), "no tensor of that name; images may be [photos]");
  }

  @Test
  void aFileWithoutImagesIsRefused() throws IOException {
    TensorInfo info = TensorInfo.of("x", DType.F32, 2);

    imagesRefused(images(info, new byte[8]), "name one tensor of it as in.safetensors#KEY");
  }

  @Test
  void imagesThatAreNotThereAreRefused() throws IOException {
    imagesRefused(temp.resolve("none.safetensors"), "no such file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "--steps=0; Cannot compute 0 steps",
        "--steps=two; two",
        "--token-chunk=0; groups of 0 tokens",
        "--dtype=f8; Cannot compute in 'f8': the precisions are f32, f64, bf16",
        "--map-images=photos; --map-images and --query-images go together",
        "--layers=3; Unknown option"
      })
  void optionsThatCannotBeAreRefused(String option, String why) throws IOException {
    refused(fast.run(temp.resolve("out.safetensors"), option), why);
    assertThat(TensorFiles.names(temp)).isEmpty();
  }

  @Test
  void softmaxAttentionCannotBeAsked() throws IOException {
    CommandLineRun run =
        softmax.run(
            temp.resolve("out.safetensors"), "--map-images=photos", "--query-images=photos");

    refused(run, "have no fast weights that remember a scene");
    assertThat(TensorFiles.names(temp)).isEmpty();
  }

  @Test
  void aNetworkWithoutAPointHeadPredictsNoPoints() throws IOException {
    Path weights =
        TensorFiles.rewritten(
            fast.weights(),
            temp.resolve("weights.safetensors"),
            t -> t.name().startsWith("point_head.") ? null : t);
    Path config = Files.copy(fast.config(), temp.resolve("config.json"));
    SmallModel model = new SmallModel(weights, config, fast.images());

    refused(model.run(temp.resolve("out"), "--global-points"), "have no point_head");
    assertThat(model.run(temp.resolve("out")).exitCode()).isZero();
  }

  @Test
  void aFolderThatIsNotThereIsNotWrittenTo() {
    refused(fast.run(temp.resolve("none/out.safetensors")), "its directory is not there");
    refused(random("--out", temp.resolve("none/w").toString()), "its directory is not there");
  }

  @Test
  void whatIsReadIsNotWrittenOver() throws IOException {
    byte[] before = Files.readAllBytes(fast.weights());

    refused(fast.run(fast.weights()), "it is what is read");
    refused(fast.run(fast.images()), "it is what is read");
    assertThat(Files.readAllBytes(fast.weights())).isEqualTo(before);
  }

  @Test
  void randomWeightsOfAnUnknownTypeAreRefused() throws IOException {
    refused(
        random("--out", temp.resolve("w").toString(), "--dtype", "f16"),
        "Cannot store weights as 'f16': the types are f32, bf16");
    assertThat(TensorFiles.names(temp)).isEmpty();
  }

  private static CommandLineRun random(String... further) {
    return CommandLineRun.of(
        List.of("model", "random", "--model-config", fast.config().toString()), further);
  }

  private Path images(TensorInfo info, byte[] bytes) throws IOException {
    return TensorFiles.single(temp.resolve("in.safetensors"), info, bytes);
  }

  /** Refused by {@code run} and by {@code info}. */
  private void weightsRefused(Path weights, String why) throws IOException {
    List<String> before = TensorFiles.names(temp);
    SmallModel model = fast.withWeights(weights);
    String config = fast.config().toString();

    refused(model.run(temp.resolve("out.safetensors"), "--model-config", config), why);
    refusedAtTheEnd(model.info("--model-config", config), why);
    assertThat(TensorFiles.names(temp)).containsExactlyInAnyOrderElementsOf(before);
  }

  private void imagesRefused(Path images, String why) throws IOException {
    List<String> before = TensorFiles.names(temp);

    refused(fast.withImages(images).run(temp.resolve("out.safetensors")), why);
    assertThat(TensorFiles.names(temp)).containsExactlyInAnyOrderElementsOf(before);
  }

  private static void refused(CommandLineRun run, String why) {
    refusedAtTheEnd(run, why);
    assertThat(run.out()).isEmpty();
  }

  private static void refusedAtTheEnd(CommandLineRun run, String why) {
    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.USAGE);
    assertThat(run.errLines()).singleElement().asString().startsWith("tessera: ").contains(why);
  }
}
