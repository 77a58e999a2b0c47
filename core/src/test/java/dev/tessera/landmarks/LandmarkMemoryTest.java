package dev.tessera.landmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LandmarkMemoryTest {
  private static final int CAMERAS = 6;
  private static final int CELLS = CAMERAS * LandmarkSelection.COLUMNS * LandmarkSelection.ROWS;

  private final RandomScene scene = new RandomScene(CAMERAS, 9000, 3);

  @Test
  void everyCellOfEveryPhotoSeesItsShareOfTheLandmarks() {
    int[] selection = LandmarkSelection.select(scene, 10 * CELLS);

    int[] seen = cells(scene, selection);
    assertThat(Arrays.stream(seen).min().orElse(0)).isGreaterThanOrEqualTo(10);
  }

  @Test
  void ofTwoPointsOfACellTheOneWithTheLongerTrackIsChosenFirst() {
    int[] selection = LandmarkSelection.select(scene, 1);

    int cell = 0; // of all empty cells the first has its turn first
    int longest = 0;
    for (int p = 0; p < scene.points(); p++) {
      longest =
          cells(scene, new int[] {p})[cell] > 0 ? Math.max(longest, scene.length(p)) : longest;
    }
    assertThat(scene.length(selection[0])).isEqualTo(longest);
    assertThat(cells(scene, selection)[cell]).isEqualTo(1);
  }

  @Test
  void theFirstOfASelectionAreTheSelectionOfFewer() {
    int[] all = LandmarkSelection.select(scene, 500);

    assertThat(LandmarkSelection.select(scene, 70)).isEqualTo(Arrays.copyOf(all, 70));
    assertThat(all).doesNotHaveDuplicates();
  }

  @Test
  void aSceneWithFewerPointsIsRememberedWhole() {
    RandomScene small = new RandomScene(CAMERAS, 50, 4);

    assertThat(LandmarkSelection.select(small, 4096)).hasSize(50).doesNotHaveDuplicates();
  }

  @Test
  void theSizeFollowsTheNumberOfPhotos() {
    assertThat(LandmarkMemory.size(2)).isEqualTo(4096);
    assertThat(LandmarkMemory.size(50)).isEqualTo(4096);
    assertThat(LandmarkMemory.size(51)).isEqualTo(8192);
    assertThat(LandmarkMemory.size(1000)).isEqualTo(8192);
  }

  @Test
  void aLandmarkIsWhereItsPointIsToHalfAStepOfTheBox() {
    LandmarkMemory memory = LandmarkMemory.write(scene, LandmarkMemoryTest::look);

    int[] selection = LandmarkSelection.select(scene, 4096);
    double halfStep = 50.0 / LandmarkMemory.VALUE_STEPS / 2 * (1 + 1e-9);
    assertThat(memory.count()).isEqualTo(4096);
    for (int slot = 0; slot < memory.count(); slot++) {
      assertThat(memory.position(slot).x())
          .isCloseTo(scene.coordinate(selection[slot], 0), within(halfStep));
      assertThat(memory.position(slot).z())
          .isCloseTo(scene.coordinate(selection[slot], 2), within(halfStep));
    }
  }

  @Test
  void aKeyIsTheProjectionOfThePointsLookToHalfAStep() {
    LandmarkMemory memory = LandmarkMemory.write(scene, LandmarkMemoryTest::look);

    int slot = 17;
    int point = LandmarkSelection.select(scene, 4096)[slot];
    float[] key = KeyProjection.seeded(KeyProjection.SEED).keys(look(point));
    for (int c = 0; c < KeyProjection.KEY_LENGTH; c++) {
      double kept = memory.keys()[slot * KeyProjection.KEY_LENGTH + c] * LandmarkMemory.KEY_STEP;
      assertThat(kept).isCloseTo(key[c], within(LandmarkMemory.KEY_STEP / 2 * (1 + 1e-6)));
    }
  }

  @Test
  void movedLandmarksKeepTheirKeysAndHaveTheirPointsNewPlaces() {
    LandmarkMemory memory = LandmarkMemory.write(scene, LandmarkMemoryTest::look);

    LandmarkMemory moved = memory.moved(new Doubled(scene));

    double halfStep = 100.0 / LandmarkMemory.VALUE_STEPS / 2;
    assertThat(moved.keys()).isEqualTo(memory.keys());
    assertThat(moved.position(5).y())
        .isCloseTo(2 * memory.position(5).y(), within(2 * halfStep * (1 + 1e-9)));
    assertThatThrownBy(() -> memory.moved(new RandomScene(CAMERAS, 20, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot move 4096 landmarks: the scene has 20");
  }

  @Test
  void readingIsTheBruteForceNearestKeyUnderTheRatio() {
    Random random = new Random(5);
    LandmarkMemory memory = LandmarkMemory.write(scene, LandmarkMemoryTest::look);
    float[] queries = new float[300 * KeyProjection.KEY_LENGTH];
    for (int i = 0; i < queries.length; i++) {
      queries[i] =
          (float) (memory.keys()[i] * LandmarkMemory.KEY_STEP + 0.03 * random.nextGaussian());
    }

    LandmarkReader.Reading reading = LandmarkReader.read(memory, queries);

    assertThat(reading.count()).isGreaterThan(100);
    assertThat(reading.slot()).doesNotHaveDuplicates();
    for (int i = 0; i < reading.count(); i++) {
      double[] nearest = twoNearest(memory, queries, reading.query()[i]);
      assertThat(reading.slot()[i]).isEqualTo((int) nearest[0]);
      assertThat(reading.confidence()[i]).isCloseTo((float) (1 - nearest[1] / 2), within(1e-3f));
      assertThat(nearest[1]).isLessThan(LandmarkReader.MAX_RATIO + 1e-3);
    }
  }

  @Test
  void anEmptyMemorySaysNothing() {
    RandomScene empty = new RandomScene(CAMERAS, 0, 1);

    LandmarkMemory memory = LandmarkMemory.write(empty, LandmarkMemoryTest::look);

    assertThat(LandmarkReader.read(memory, new float[64]).count()).isZero();
  }

  /** Slot of the nearest key, and the ratio of the two least distances. */
  private static double[] twoNearest(LandmarkMemory memory, float[] queries, int query) {
    double best = Double.POSITIVE_INFINITY;
    double second = Double.POSITIVE_INFINITY;
    int at = -1;
    for (int slot = 0; slot < memory.count(); slot++) {
      double sum = 0;
      for (int c = 0; c < KeyProjection.KEY_LENGTH; c++) {
        double k = memory.keys()[slot * KeyProjection.KEY_LENGTH + c] * LandmarkMemory.KEY_STEP;
        double d = queries[query * KeyProjection.KEY_LENGTH + c] - k;
        sum += d * d;
      }
      second = sum < best ? best : Math.min(second, sum);
      at = sum < best ? slot : at;
      best = Math.min(best, sum);
    }
    return new double[] {at, Math.sqrt(best / second)};
  }

  /** A unit vector without negative components, as RootSIFT is. */
  private static float[] look(int point) {
    Random random = new Random(point);
    float[] look = new float[128];
    double squares = 0;
    for (int i = 0; i < look.length; i++) {
      look[i] = (float) Math.abs(random.nextGaussian());
      squares += look[i] * look[i];
    }
    for (int i = 0; i < look.length; i++) {
      look[i] /= (float) Math.sqrt(squares);
    }
    return look;
  }

  private static int[] cells(SeenPoints scene, int[] points) {
    int[] seen = new int[CELLS];
    for (int p : points) {
      for (int o = scene.begin(p); o < scene.begin(p + 1); o++) {
        int column = (int) (scene.u(o) * LandmarkSelection.COLUMNS / RandomScene.WIDTH);
        int row = (int) (scene.v(o) * LandmarkSelection.ROWS / RandomScene.HEIGHT);
        int columns = LandmarkSelection.COLUMNS;
        seen[(scene.camera(o) * LandmarkSelection.ROWS + row) * columns + column]++;
      }
    }
    return seen;
  }

  /** The same scene at twice the scale. */
  private record Doubled(SeenPoints scene) implements SeenPoints {
    @Override
    public int points() {
      return scene.points();
    }

    @Override
    public int cameras() {
      return scene.cameras();
    }

    @Override
    public int width(int camera) {
      return scene.width(camera);
    }

    @Override
    public int height(int camera) {
      return scene.height(camera);
    }

    @Override
    public int begin(int point) {
      return scene.begin(point);
    }

    @Override
    public int camera(int observation) {
      return scene.camera(observation);
    }

    @Override
    public float u(int observation) {
      return scene.u(observation);
    }

    @Override
    public float v(int observation) {
      return scene.v(observation);
    }

    @Override
    public float confidence(int point) {
      return scene.confidence(point);
    }

    @Override
    public double coordinate(int point, int axis) {
      return 2 * scene.coordinate(point, axis);
    }
  }
}
