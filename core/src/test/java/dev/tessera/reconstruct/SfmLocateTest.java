package dev.tessera.reconstruct;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Umeyama;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.View;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.PhotoPose.Located;
import dev.tessera.reconstruct.PhotoPose.NotLocated;
import dev.tessera.reconstruct.SharedCalibration.Lens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the classical engine says of photos that its scenes have not seen. */
class SfmLocateTest {
  private static final int UNSEEN = 3;
  private static final int KEY = 32;

  /** About three pixels of the small rendered photos, fifteen metres away. */
  private static final double TOWN_METERS = 0.1;

  private static ReconstructionEngine engine;
  private static TexturedTown town;
  private static ChunkViews chunk;
  private static ChunkScene scene;

  @BeforeAll
  static void aSceneThatLacksOneOfThePhotos() throws IOException {
    engine = SfmSpec.defaults().open(2);
    town = TexturedTown.seen(7);
    List<View> seen = new ArrayList<>(town.chunk().views());
    seen.remove(UNSEEN);
    chunk = new ChunkViews(new ChunkId(0), town.chunk().world(), seen);
    scene = scene(engine.reconstruct(chunk, town.photos(), Progress.NONE));
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void anUnseenPhotoIsWhereItWasTaken() throws IOException {
    View photo = town.chunk().views().get(UNSEEN);

    Located found = (Located) engine.locate(scene.memory(), photo, town.photos());

    Sim3 worldFromChunk = worldFromChunk(scene);
    Vec3 center = worldFromChunk.apply(found.cameraFromChunk().center());
    assertThat(found.evidence().certain()).isTrue();
    assertThat(center.distanceTo(town.truth(photo.id()).center())).isLessThan(TOWN_METERS);
    assertThat(
            worldFromChunk
                .moveCamera(found.cameraFromChunk())
                .rotation()
                .angleRadiansTo(town.truth(photo.id()).rotation()))
        .isLessThan(Math.toRadians(0.5));
    assertThat(found.intrinsics()).isEqualTo(scene.cameras().get(0).intrinsics());
  }

  @Test
  void theAnswerIsTheSameAgainAndFromTheStoredTensors() throws IOException {
    View photo = town.chunk().views().get(UNSEEN);
    SceneMemory again = scene(engine.reconstruct(chunk, town.photos(), Progress.NONE)).memory();

    Located first = (Located) engine.locate(scene.memory(), photo, town.photos());
    Located second = (Located) engine.locate(again, photo, town.photos());

    for (SceneMemory.Tensor tensor : scene.memory().tensors()) {
      assertThat(again.tensor(tensor.name()).bytes()).isEqualTo(tensor.bytes());
    }
    assertThat(second.cameraFromChunk()).isEqualTo(first.cameraFromChunk());
  }

  /** Landmarks go where their points go when all chunks agree on a lens. */
  @Test
  void theMemoryFollowsTheSceneToAnotherLens() throws IOException {
    Intrinsics k = scene.cameras().get(0).intrinsics();
    SharedCalibration shared =
        new SharedCalibration(
            Map.of("rendered", new Lens(1.05 * k.focalPixels(), k.cx(), k.cy(), 0, 0)));

    ChunkScene moved = engine.recalibrated(chunk, scene.with(SceneMemory.NONE), shared);
    SceneMemory memory = engine.recalibrated(chunk, scene.memory(), moved);
    View photo = town.chunk().views().get(UNSEEN);
    Located found = (Located) engine.locate(memory, photo, town.photos());

    assertThat(memory.tensor(SceneMemory.KEYS).bytes())
        .isEqualTo(scene.memory().tensor(SceneMemory.KEYS).bytes());
    assertThat(memory.tensor("values").bytes())
        .isNotEqualTo(scene.memory().tensor("values").bytes());
    assertThat(found.intrinsics().focalPixels()).isEqualTo(1.05 * k.focalPixels());
    Vec3 center = worldFromChunk(moved).apply(found.cameraFromChunk().center());
    assertThat(center.distanceTo(town.truth(photo.id()).center())).isLessThan(3 * TOWN_METERS);
  }

  @Test
  void aPhotoOfSomewhereElseIsNotHere() throws IOException {
    SceneMemory blank = swappedKeys(scene.memory());

    PhotoPose answer = engine.locate(blank, town.chunk().views().get(UNSEEN), town.photos());

    assertThat(answer).isInstanceOf(NotLocated.class);
    assertThat(((NotLocated) answer).reason()).isEqualTo(PhotoPose.Reason.POSE_NOT_FOUND);
  }

  @Test
  void aSceneWithoutAMemoryAndAFileThatIsNoPhotoAreReasons() throws IOException {
    View photo = town.chunk().views().get(UNSEEN);

    PhotoPose forgotten = engine.locate(SceneMemory.NONE, photo, town.photos());
    PhotoPose unreadable;
    try (ReconstructionEngine other = SfmSpec.defaults().open(1)) {
      unreadable = other.locate(scene.memory(), photo, view -> new byte[100]);
    }

    assertThat(((NotLocated) forgotten).reason()).isEqualTo(PhotoPose.Reason.NO_MEMORY);
    assertThat(((NotLocated) unreadable).reason()).isEqualTo(PhotoPose.Reason.UNREADABLE_PHOTO);
  }

  @Test
  void keysOfAPhotoAreThoseThatMemoriesHave() throws IOException {
    byte[] keys = engine.keys(town.chunk().views().get(0), town.photos());

    assertThat(keys.length % KEY).isZero();
    assertThat(keys.length).isGreaterThan(100 * KEY);
  }

  /** Ten photos of a fountain by laser truth; the eleventh is asked about. */
  @Test
  void aRealPhotoIsFoundToAboutACentimetre() throws IOException {
    PhotoSet.Source source = PhotoSet.strecha("fountain-P11", false);
    assumeThat(PhotoSet.isThere(source))
        .as("photo set %s is there (environment variable TESSERA_SHARED)", source.set())
        .isTrue();
    PhotoSet set = PhotoSet.load(source);
    List<View> seen = new ArrayList<>(set.chunk().views());
    View unseen = seen.remove(5);
    ChunkScene fountain =
        scene(
            engine.reconstruct(
                new ChunkViews(new ChunkId(0), null, seen), set.photos(), Progress.NONE));

    Located found = (Located) engine.locate(fountain.memory(), unseen, set.photos());

    assertThat(found.evidence().inliers()).isGreaterThan(LandmarkQuery.INLIERS_FOR_CERTAIN);
    assertThat(set.error(fountain, unseen, found.cameraFromChunk().center())).isLessThan(0.02);
  }

  private static ChunkScene scene(ChunkOutcome outcome) {
    assertThat(outcome).isInstanceOf(ChunkOutcome.Reconstructed.class);
    return ((ChunkOutcome.Reconstructed) outcome).scene();
  }

  private static Sim3 worldFromChunk(ChunkScene of) {
    List<Vec3> inChunk = new ArrayList<>();
    List<Vec3> inWorld = new ArrayList<>();
    for (SceneCamera camera : of.cameras()) {
      inChunk.add(camera.cameraFromChunk().center());
      inWorld.add(town.truth(camera.view()).center());
    }
    return Umeyama.fit(inChunk, inWorld);
  }

  /** The landmarks of a scene that looks different: their keys belong to other landmarks. */
  private static SceneMemory swappedKeys(SceneMemory memory) {
    List<SceneMemory.Tensor> tensors = new ArrayList<>();
    for (SceneMemory.Tensor t : memory.tensors()) {
      byte[] bytes = t.bytes().clone();
      if (t.name().equals(SceneMemory.KEYS)) {
        int turn = 100 * KEY;
        System.arraycopy(t.bytes(), 0, bytes, turn, bytes.length - turn);
        System.arraycopy(t.bytes(), bytes.length - turn, bytes, 0, turn);
      }
      tensors.add(new SceneMemory.Tensor(t.name(), t.dtype(), t.shape(), bytes));
    }
    return new SceneMemory(memory.kind(), tensors);
  }
}
