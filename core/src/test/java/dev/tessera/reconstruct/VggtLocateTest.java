package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tessera.backbone.LayerMemories;
import dev.tessera.backbone.PinholeCamera;
import dev.tessera.backbone.Vggt;
import dev.tessera.backbone.VggtScene;
import dev.tessera.imagery.View;
import dev.tessera.tensor.HostTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scenes answer about photos that they have not seen. One thread: numbers are equal. */
class VggtLocateTest {
  private static final int MAPPED = 5;

  @TempDir static Path folder;
  private static VggtSpec random;
  private static TexturedTown town;

  @BeforeAll
  static void writeNetwork() {
    random = VggtEngineTest.spec(folder, RandomVggt.fastWeights());
    town = TexturedTown.seen(MAPPED + 2);
  }

  private static ChunkScene scene(ReconstructionEngine engine, int begin, int end)
      throws IOException {
    return ReconstructionEngineContract.scene(
        engine.reconstruct(town.chunk(begin, end), town.photos(), Progress.NONE));
  }

  private static View unseen(int index) {
    return town.chunk().views().get(MAPPED + index);
  }

  private static PhotoPose.Located locate(
      ReconstructionEngine engine, SceneMemory memory, View photo) throws IOException {
    PhotoPose pose = engine.locate(memory, photo, town.photos());
    assertThat(pose).isInstanceOf(PhotoPose.Located.class);
    return (PhotoPose.Located) pose;
  }

  @ParameterizedTest
  @ValueSource(strings = {"random", "golden"})
  void sceneRemembersAndAnswersWhatTheNetworkDoes(String weights) throws IOException {
    VggtSpec spec =
        weights.equals("random")
            ? random
            : VggtEngineTest.golden(VggtSpec.FAST_WEIGHTS, "vggttt_tiny");
    SceneMemory memory;
    PhotoPose.Located pose;
    try (ReconstructionEngine engine = spec.open(1)) {
      memory = scene(engine, 0, MAPPED).memory();
      pose = locate(engine, memory, unseen(0));
    }
    Map<String, HostTensor> kept = new TreeMap<>();
    OpenNetwork.with(
        spec,
        town.chunk(0, MAPPED).views(),
        town.photos(),
        (network, photos) -> {
          try (VggtScene said =
              network.reconstruct(photos, spec.options(), true, Vggt.LayerProgress.NONE)) {
            kept.putAll(said.memory());
          }
        });
    assertThat(memory.kind()).isEqualTo(SceneMemory.FAST_WEIGHTS);
    assertThat(memory.tensors().stream().map(SceneMemory.Tensor::name))
        .containsExactlyElementsOf(kept.keySet())
        .contains("cam_tokens", "fast.0.w0", "fast.3.w2");
    for (SceneMemory.Tensor tensor : memory.tensors()) {
      HostTensor expected = kept.get(tensor.name());
      assertThat(tensor.shape()).isEqualTo(expected.shape());
      assertThat(ByteBuffer.wrap(tensor.bytes())).isEqualTo(expected.bytes());
    }
    OpenNetwork.with(
        spec,
        List.of(unseen(0)),
        town.photos(),
        (network, photos) -> {
          try (LayerMemories remembered = network.remembered(kept);
              VggtScene answer = network.locate(remembered, photos, spec.options())) {
            PinholeCamera camera = answer.camera(0);
            assertThat(pose.cameraFromChunk()).isEqualTo(camera.cameraFromWorld());
            assertThat(pose.intrinsics())
                .isEqualTo(SceneAssembly.intrinsics(camera, photos.photo(0).geometry()));
            assertThat(pose.confidence()).isCloseTo(meanTrust(answer), within(1e-6));
          }
        });
  }

  /** The whole input shows the photo here. */
  private static double meanTrust(VggtScene answer) {
    return Arrays.stream(answer.depth(0, 1).confidence().doubles())
        .map(c -> 1 - 1 / c)
        .average()
        .orElseThrow();
  }

  @Test
  void questionsLeaveTheMemoryAsItIs() throws IOException {
    try (ReconstructionEngine engine = random.open(1)) {
      SceneMemory memory = scene(engine, 0, MAPPED).memory();
      List<byte[]> before = memory.tensors().stream().map(t -> t.bytes().clone()).toList();

      PhotoPose.Located first = locate(engine, memory, unseen(0));
      PhotoPose.Located other = locate(engine, memory, unseen(1));
      PhotoPose.Located again = locate(engine, memory, unseen(0));

      assertThat(again).isEqualTo(first).isNotEqualTo(other);
      for (int i = 0; i < before.size(); i++) {
        assertThat(memory.tensors().get(i).bytes()).isEqualTo(before.get(i));
      }
    }
  }

  /** The engine keeps the last memory on its device: it must not answer for another scene. */
  @Test
  void memoriesOfTwoScenesAreToldApart() throws IOException {
    List<PhotoPose> alternating = new ArrayList<>();
    List<PhotoPose> alone = new ArrayList<>();
    SceneMemory a;
    SceneMemory b;
    try (ReconstructionEngine engine = random.open(1)) {
      a = scene(engine, 0, 3).memory();
      b = scene(engine, 2, MAPPED).memory();
      for (int round = 0; round < 2; round++) {
        alternating.add(locate(engine, a, unseen(0)));
        alternating.add(locate(engine, b, unseen(0)));
        scene(engine, 1, 4); // a chunk between questions takes the device
      }
    }
    for (SceneMemory memory : List.of(a, b)) {
      try (ReconstructionEngine engine = random.open(1)) {
        alone.add(locate(engine, memory, unseen(0)));
      }
    }
    assertThat(alone.get(0)).isNotEqualTo(alone.get(1));
    assertThat(alternating).containsExactly(alone.get(0), alone.get(1), alone.get(0), alone.get(1));
  }

  @Test
  void memoryThatTravelledAnswersAlike() throws IOException {
    try (ReconstructionEngine engine = random.open(1)) {
      SceneMemory memory = scene(engine, 0, MAPPED).memory();

      assertThat(locate(engine, Travel.there(memory), unseen(1)))
          .isEqualTo(locate(engine, memory, unseen(1)));
    }
  }

  @Test
  void poseOfASeenPhotoIsInTheFrameOfTheScene() throws IOException {
    try (ReconstructionEngine engine = random.open(1)) {
      ChunkScene scene = scene(engine, 0, MAPPED);

      PhotoPose.Located pose = locate(engine, scene.memory(), unseen(0));

      assertThat(pose.confidence()).isBetween(0.0, 1.0);
      assertThat(pose.intrinsics().width()).isEqualTo(TexturedTown.WIDTH);
      assertThat(pose.intrinsics().height()).isEqualTo(TexturedTown.HEIGHT);
    }
  }

  /** The weights are random: sizes, counts and ranges can be right, the geometry cannot. */
  @Test
  void realPhotosMakeASceneThatAnswers() throws IOException {
    PhotoSet.Source source = PhotoSet.strecha("fountain-P11", false);
    assumeThat(PhotoSet.isThere(source))
        .as("photo set %s is there (environment variable TESSERA_SHARED)", source.set())
        .isTrue();
    PhotoSet photos = PhotoSet.load(source);
    View unseen = photos.chunk().views().get(4);
    try (ReconstructionEngine engine =
        VggtEngineTest.golden(VggtSpec.FAST_WEIGHTS, "vggttt_tiny").open(1)) {
      ChunkScene scene =
          ReconstructionEngineContract.scene(
              engine.reconstruct(photos.chunk(0, 4), photos.photos(), Progress.NONE));

      PhotoPose pose = engine.locate(scene.memory(), unseen, photos.photos());

      assertThat(scene.cameras().size() + scene.unregistered().size()).isEqualTo(4);
      assertThat(scene.points().count()).isPositive();
      assertThat(pose).isInstanceOf(PhotoPose.Located.class);
      assertThat(((PhotoPose.Located) pose).intrinsics().width()).isEqualTo(unseen.width());
      assertThat(((PhotoPose.Located) pose).intrinsics().height()).isEqualTo(unseen.height());
      assertThat(((PhotoPose.Located) pose).confidence()).isBetween(0.0, 1.0);
    }
  }

  @Test
  void sceneWithoutFastWeightsHasNoAnswer() throws IOException {
    SceneMemory landmarks =
        new SceneMemory(
            "landmarks", List.of(new SceneMemory.Tensor("x", "F32", List.of(1), new byte[4])));
    try (ReconstructionEngine engine = random.open(1)) {
      assertNoMemory(engine.locate(SceneMemory.NONE, unseen(0), town.photos()), "no memory");
      assertNoMemory(engine.locate(landmarks, unseen(0), town.photos()), "landmarks");
    }
  }

  @Test
  void softmaxNetworkKeepsNoMemory() throws IOException {
    VggtSpec spec = VggtEngineTest.spec(folder, RandomVggt.softmax());
    try (ReconstructionEngine engine = spec.open(1)) {
      ChunkScene scene = scene(engine, 0, 3);

      assertThat(scene.memory()).isEqualTo(SceneMemory.NONE);
      assertNoMemory(engine.locate(scene.memory(), unseen(0), town.photos()), "engine vggt");
    }
  }

  private static void assertNoMemory(PhotoPose pose, String why) {
    assertThat(pose).isInstanceOf(PhotoPose.NotLocated.class);
    assertThat(((PhotoPose.NotLocated) pose).reason()).isEqualTo(PhotoPose.Reason.NO_MEMORY);
    assertThat(((PhotoPose.NotLocated) pose).detail()).contains(why);
  }

  @Test
  void memoryOfAnotherNetworkIsRefusedInOneLine() throws IOException {
    VggtSpec wider = VggtEngineTest.spec(folder, RandomVggt.fastWeights().withWidth(32));
    VggtSpec moreHidden = VggtEngineTest.spec(folder, RandomVggt.softmax().withFastWeights(24));
    try (ReconstructionEngine engine = random.open(1)) {
      SceneMemory own = scene(engine, 0, 3).memory();
      assertRefused(
          engine, memoryOf(wider), "cam_tokens is [3, 64], this network needs (views, 32)");
      assertRefused(
          engine, memoryOf(moreHidden), "fast.0.w0 is [2, 8, 24], this network needs [2, 8, 16]");
      assertRefused(
          engine,
          new SceneMemory(
              own.kind(),
              own.tensors().stream().filter(t -> !t.name().startsWith("fast.2.")).toList()),
          "fast.2.* is missing");

      assertThat(locate(engine, own, unseen(0)).confidence()).isPositive();
    }
  }

  private static SceneMemory memoryOf(VggtSpec spec) throws IOException {
    try (ReconstructionEngine engine = spec.open(1)) {
      return scene(engine, 0, 3).memory();
    }
  }

  private static void assertRefused(ReconstructionEngine engine, SceneMemory memory, String why) {
    assertThatThrownBy(() -> engine.locate(memory, unseen(0), town.photos()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Cannot read the scene's memory: ")
        .hasMessageContaining(why)
        .hasMessageNotContaining("\n");
  }

  @Test
  void unreadablePhotoHasNoPose() throws IOException {
    try (ReconstructionEngine engine = random.open(1)) {
      SceneMemory memory = scene(engine, 0, 3).memory();

      PhotoPose pose = engine.locate(memory, unseen(0), view -> new byte[] {1, 2, 3});

      assertThat(pose).isInstanceOf(PhotoPose.NotLocated.class);
      assertThat(((PhotoPose.NotLocated) pose).reason())
          .isEqualTo(PhotoPose.Reason.UNREADABLE_PHOTO);
      assertThat(((PhotoPose.NotLocated) pose).detail()).contains("UNDECODABLE");
      assertThatThrownBy(
              () ->
                  engine.locate(
                      memory,
                      unseen(0),
                      view -> {
                        throw new IOException("store is down");
                      }))
          .isInstanceOf(IOException.class)
          .hasMessage("store is down");
    }
  }
}
