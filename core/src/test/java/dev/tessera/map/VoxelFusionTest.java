package dev.tessera.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Vec3;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class VoxelFusionTest {
  private static final VoxelFusion FUSION = VoxelFusion.ofEdge(new Morton(0.01), 0.05);

  /** Positions are kept in 2^-20 of the edge, weights in 1/65535 of the largest. */
  private static final double POSITION_ERROR_METERS = 0.08 / 65535;

  private static int trial;
  private final Random random = new Random(trial++);

  @Test
  void theEdgeIsTheNextPowerOfTwoOfTheCell() {
    assertThat(FUSION.edgeMeters()).isEqualTo(0.08);
  }

  @RepeatedTest(20)
  void neitherTheOrderOfPointsNorOfChunksChangesABit() {
    List<MapPoint> points = randomPoints(200);
    MapPoint whole = fuse(points);

    Collections.shuffle(points, random);

    assertThat(fuse(points)).isEqualTo(whole);
  }

  @RepeatedTest(5)
  void chunksAreCountedOnce() {
    List<MapPoint> points = randomPoints(1 + random.nextInt(5));

    assertThat(fuse(points).chunks())
        .isEqualTo((int) points.stream().mapToInt(MapPoint::chunkId).distinct().count());
  }

  @Test
  void pointsOfTwoChunksAreNotAdded() {
    Vec3 x = new Vec3(1.001, 2.001, 3.001);
    Voxel voxel = new Voxel();
    FUSION.add(voxel, 7, new MapPoint(x, 0, 0.5f, 5, 1, 3, 1));

    assertThatThrownBy(() -> FUSION.add(voxel, 7, new MapPoint(x, 0, 0.5f, 5, 2, 3, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Cannot add a point of chunk 2 to what others have seen");
  }

  @RepeatedTest(5)
  void positionIsTheMeanWeightedByConfidence() {
    List<MapPoint> points = randomPoints(50);
    Vec3 sum = Vec3.ZERO;
    double weight = 0;
    for (MapPoint p : points) {
      sum = sum.plus(p.xInWorld().times(p.confidence()));
      weight += p.confidence();
    }

    assertThat(fuse(points).xInWorld().distanceTo(sum.times(1 / weight)))
        .isLessThan(POSITION_ERROR_METERS);
  }

  @Test
  void theStrongestPointLendsItsPhotoAndChunk() {
    Vec3 x = new Vec3(1.001, 2.001, 3.001);
    MapPoint weak = new MapPoint(x, 0xff0000, 0.25f, 5, 1, 3, 1);
    MapPoint strong = new MapPoint(x, 0x0000ff, 0.75f, 9, 2, 4, 1);

    MapPoint fused = fuse(List.of(weak, strong));

    assertThat(fused.imageId()).isEqualTo(9);
    assertThat(fused.chunkId()).isEqualTo(2);
    assertThat(fused.observations()).isEqualTo(7);
    assertThat(fused.confidence()).isEqualTo(0.75f);
    assertThat(fused.rgb() >> 16).isCloseTo(64, within(1));
    assertThat(fused.rgb() & 0xff).isCloseTo(191, within(1));
  }

  @Test
  void equalConfidencesAreSettledByTheLowestPhoto() {
    Vec3 x = new Vec3(1.001, 2.001, 3.001);
    MapPoint one = new MapPoint(x, 0, 0.5f, 5, 1, 3, 1);
    MapPoint other = new MapPoint(x, 0, 0.5f, 4, 2, 3, 1);

    assertThat(fuse(List.of(one, other)).imageId()).isEqualTo(4);
  }

  @RepeatedTest(5)
  void theFusedPointLiesInItsVoxel() {
    List<MapPoint> points = randomPoints(20);

    assertThat(FUSION.voxelOf(fuse(points))).isEqualTo(FUSION.voxelOf(points.get(0)));
  }

  private static MapPoint fuse(List<MapPoint> points) {
    long name = FUSION.voxelOf(points.get(0));
    Map<Integer, Voxel> chunks = new LinkedHashMap<>();
    for (MapPoint p : points) {
      FUSION.add(chunks.computeIfAbsent(p.chunkId(), chunk -> new Voxel()), name, p);
    }
    Voxel all = new Voxel();
    chunks.values().forEach(all::merge);
    return FUSION.fused(name, all);
  }

  private List<MapPoint> randomPoints(int count) {
    List<MapPoint> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Vec3 x =
          new Vec3(
              -0.08 * random.nextDouble(),
              5000 + 0.08 * random.nextDouble(),
              0.08 * random.nextDouble());
      points.add(
          new MapPoint(
              x,
              random.nextInt(1 << 24),
              (1 + random.nextInt(16)) / 16f,
              random.nextInt(9),
              random.nextInt(3),
              2 + random.nextInt(9),
              1));
    }
    return points;
  }
}
