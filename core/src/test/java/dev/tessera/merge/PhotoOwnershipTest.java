package dev.tessera.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.ViewId;
import dev.tessera.merge.PhotoOwnership.Claim;
import dev.tessera.partition.ChunkId;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.ResidualHistogram;
import dev.tessera.reconstruct.SceneCamera;
import dev.tessera.reconstruct.SceneMemory;
import dev.tessera.reconstruct.ScenePoints;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PhotoOwnershipTest {
  @Test
  void theOwnerComesBeforeABusierNeighbour() {
    Claim owner = claim(3, true, true, 10);
    Claim neighbour = claim(1, true, false, 900);

    assertThat(PhotoOwnership.better(neighbour, owner)).isEqualTo(owner);
  }

  @Test
  void withoutItsOwnerAPhotoGoesWhereItHasMostObservations() {
    assertThat(PhotoOwnership.better(claim(1, true, false, 10), claim(2, true, false, 11)))
        .isEqualTo(claim(2, true, false, 11));
  }

  @Test
  void aChunkInTheWorldComesBeforeAnOwnerThatFloats() {
    assertThat(PhotoOwnership.better(claim(1, false, true, 99), claim(2, true, false, 11)))
        .isEqualTo(claim(2, true, false, 11));
  }

  @Test
  void anyOrderOfReductionGivesTheSameOwner() {
    Random random = new Random(1);
    List<Claim> claims = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      claims.add(claim(i, random.nextBoolean(), random.nextBoolean(), random.nextInt(3)));
    }
    Claim best = claims.stream().reduce(PhotoOwnership::better).orElseThrow();

    for (int shuffle = 0; shuffle < 20; shuffle++) {
      Collections.shuffle(claims, random);
      assertThat(claims.stream().reduce(PhotoOwnership::better)).contains(best);
    }
  }

  @Test
  void claimsOfDifferentPhotosCannotBeCompared() {
    Claim other = new Claim(new ViewId(8), new ChunkId(0), true, true, 1);

    assertThatThrownBy(() -> PhotoOwnership.better(claim(1, true, true, 1), other))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Cannot compare claims of different photos");
  }

  @Test
  void aPointIsExportedWithTheNearestExportedPhotoThatSeesIt() {
    ChunkScene scene = sceneOfCamerasAt(new Vec3(0, 0, -9), new Vec3(0, 0, -5), new Vec3(0, 0, -1));

    assertThat(PhotoOwnership.referenceCamera(scene, 0, new boolean[] {true, true, true}))
        .isEqualTo(1); // camera 2 is nearer but does not see the point
    assertThat(PhotoOwnership.referenceCamera(scene, 0, new boolean[] {true, false, true}))
        .isZero();
    assertThat(PhotoOwnership.referenceCamera(scene, 0, new boolean[] {false, false, true}))
        .isEqualTo(PhotoOwnership.NOT_EXPORTED);
  }

  private static Claim claim(int chunk, boolean georeferenced, boolean owned, int observations) {
    return new Claim(new ViewId(7), new ChunkId(chunk), georeferenced, owned, observations);
  }

  /** One point at the origin, seen by the first two cameras. */
  private static ChunkScene sceneOfCamerasAt(Vec3... centers) {
    List<SceneCamera> cameras = new ArrayList<>();
    for (Vec3 center : centers) {
      Rigid3 pose = Rigid3.cameraFromWorld(Quaternion.IDENTITY, center);
      cameras.add(new SceneCamera(new ViewId(cameras.size()), pose, SyntheticTown.LENS, 1, 0));
    }
    ScenePoints points =
        new ScenePoints(
            new float[3],
            new byte[3],
            new float[1],
            new int[] {0, 2},
            new int[] {0, 1},
            new float[4]);
    return new ChunkScene(
        new ChunkId(0), cameras, points, List.of(), ResidualHistogram.empty(), SceneMemory.NONE);
  }
}
