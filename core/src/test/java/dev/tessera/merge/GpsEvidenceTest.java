package dev.tessera.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.merge.GpsEvidence.Determination;
import dev.tessera.merge.SyntheticTown.Noise;
import dev.tessera.reconstruct.ChunkScene;
import dev.tessera.reconstruct.SceneCamera;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class GpsEvidenceTest {
  private static final GpsEvidence.Config CONFIG = GpsEvidence.Config.defaults();

  /** Sums over 18 fixes of sizes near 1e4, in doubles. */
  private static final double RELATIVE_ROUNDING = 1e-9;

  private static int trial;
  private final Random random = new Random(trial++);
  private final SyntheticTown town = SyntheticTown.grid(6, 3, 11);
  private final Sim3 chunkFromWorld = SyntheticTown.randomGauge(new Vec3(25, 10, 10), random);
  private final ChunkScene scene = scene(town, chunkFromWorld);

  @RepeatedTest(10)
  void momentsGiveTheCostOfTheDirectSum() {
    List<GpsFix> fixes = town.fixes(2, 2, random.nextLong());
    GpsMoments moments = moments(fixes);
    Sim3 somewhere = Sim3Tangent.perturb(chunkFromWorld.inverse(), random.doubles(7).toArray());

    double direct = directCost(fixes, somewhere);

    assertThat(moments.cost(somewhere) / direct).isCloseTo(1, within(RELATIVE_ROUNDING));
  }

  @RepeatedTest(10)
  void normalEquationsAreTheDerivativesOfTheDirectSum() {
    List<GpsFix> fixes = town.fixes(2, 2, random.nextLong());
    Sim3 somewhere = Sim3Tangent.perturb(chunkFromWorld.inverse(), random.doubles(7).toArray());
    Vec3 pivot = new Vec3(20, 5, 3);
    NormalEquations equations = new NormalEquations();
    moments(fixes).addTo(equations, somewhere, pivot, 1);

    NormalEquations direct = new NormalEquations();
    double step = 1e-6; // central differences: error of order step squared
    for (int v = 0; v < fixes.size(); v++) {
      double[][] rows = new double[3][7];
      for (int i = 0; i < 7; i++) {
        double[] up = residual(fixes, v, moved(pivot, somewhere, i, step));
        double[] down = residual(fixes, v, moved(pivot, somewhere, i, -step));
        for (int axis = 0; axis < 3; axis++) {
          rows[axis][i] = (up[axis] - down[axis]) / (2 * step);
        }
      }
      for (int axis = 0; axis < 3; axis++) {
        direct.add(rows[axis], residual(fixes, v, somewhere)[axis], 1);
      }
    }

    for (int i = 0; i < 49; i++) {
      double size = Math.sqrt(direct.h[i / 7 * 8] * direct.h[i % 7 * 8]);
      assertThat(equations.h[i] / size).isCloseTo(direct.h[i] / size, within(1e-6));
    }
    for (int i = 0; i < 7; i++) {
      assertThat(equations.g[i]).isCloseTo(direct.g[i], within(1e-6 * direct.h[i * 8]));
    }
  }

  @RepeatedTest(5)
  void momentsOfPartsInOtherGaugesAddUpToThoseOfTheWhole() {
    List<GpsFix> fixes = town.fixes(2, 2, random.nextLong());
    GpsMoments whole = moments(fixes);
    Sim3 frameFromChunk = SyntheticTown.randomGauge(Vec3.ZERO, random);
    Sim3 worldFromFrame = chunkFromWorld.inverse().after(frameFromChunk.inverse());

    GpsMoments sum =
        moments(fixes.subList(0, 7))
            .carried(frameFromChunk)
            .plus(moments(fixes.subList(7, fixes.size())).carried(frameFromChunk), 1);

    assertThat(sum.cost(worldFromFrame) / whole.cost(chunkFromWorld.inverse()))
        .isCloseTo(1, within(1e-7));
  }

  @RepeatedTest(5)
  void exactFixesGiveTheExactFrame() {
    GpsEvidence gps = GpsEvidence.of(scene, town.fixes(1, 0, 1), CONFIG).orElseThrow();

    assertThat(gps.determination()).isEqualTo(Determination.FULL);
    assertThat(distanceMeters(gps, new Vec3(50, 20, 0))).isLessThan(1e-7);
  }

  @RepeatedTest(5)
  void aFifthOfWildFixesIsIgnored() {
    List<GpsFix> fixes = new ArrayList<>(town.fixes(1, 1, random.nextLong()));
    List<GpsFix> clean = List.copyOf(fixes);
    for (int i = 0; i < 4; i++) {
      GpsFix fix = fixes.get(4 * i);
      Vec3 wild = fix.positionInWorld().plus(SyntheticTown.gaussian(random).times(300));
      fixes.set(4 * i, new GpsFix(fix.view(), wild, 1, 2));
    }

    GpsEvidence gps = GpsEvidence.of(scene, fixes, CONFIG).orElseThrow();

    assertThat(gps.inliers()).isBetween(12, 15);
    Vec3 middle = new Vec3(25, 10, 10);
    double best = distanceMeters(GpsEvidence.of(scene, clean, CONFIG).orElseThrow(), middle);
    assertThat(distanceMeters(gps, middle)).isLessThan(best + 1);
  }

  @RepeatedTest(5)
  void camerasOnALineTakeTheirRollFromUprightPhotos() {
    SyntheticTown street = SyntheticTown.street(12, 3);
    Sim3 gauge = SyntheticTown.randomGauge(new Vec3(30, 5, 3), random);
    List<GpsFix> fixes = street.fixes(2, 0.3, random.nextLong());

    GpsEvidence gps = GpsEvidence.of(scene(street, gauge), fixes, CONFIG).orElseThrow();

    assertThat(gps.determination()).isEqualTo(Determination.ROLL_FREE);
    assertThat(gps.up()).isNotNull();
    Vec3 onFacade = new Vec3(30, 15, 3);
    Vec3 there = gps.worldFromChunk().apply(gauge.apply(onFacade));
    assertThat(there.distanceTo(onFacade)).isLessThan(1.5); // 15 m away: 5 degrees and the GPS
  }

  @RepeatedTest(5)
  void aStraightDroneFlightLooksDownNotUp() {
    SyntheticTown flight = new SyntheticTown();
    for (int i = 0; i < 12; i++) {
      flight.cameraFromWorld.add(SyntheticTown.slanted(90, 90, new Vec3(i * 5, 0, 40)));
    }
    Sim3 gauge = SyntheticTown.randomGauge(new Vec3(30, 0, 20), random);
    List<GpsFix> fixes = flight.fixes(2, 0.3, random.nextLong());

    GpsEvidence gps = GpsEvidence.of(scene(flight, gauge), fixes, CONFIG).orElseThrow();

    assertThat(gps.determination()).isEqualTo(Determination.ROLL_FREE);
    Vec3 below = new Vec3(30, 0, 0);
    Vec3 there = gps.worldFromChunk().apply(gauge.apply(below));
    assertThat(there.distanceTo(below)).isLessThan(4); // 40 m away: 5 degrees
  }

  @Test
  void twoCamerasCloseTogetherSettleThePlaceOnly() {
    List<GpsFix> fixes = town.fixes(20, 5, 1).subList(0, 2);

    GpsEvidence gps = GpsEvidence.of(scene, fixes, CONFIG).orElseThrow();

    assertThat(gps.determination()).isEqualTo(Determination.POSITION_ONLY);
  }

  @Test
  void noFixesGiveNoEvidence() {
    assertThat(GpsEvidence.of(scene, List.of(), CONFIG)).isEmpty();
  }

  private GpsMoments moments(List<GpsFix> fixes) {
    GpsMoments moments = GpsMoments.empty(new Vec3(0.1, 0.2, 0.3), new Vec3(20, 10, 30));
    for (GpsFix fix : fixes) {
      moments = moments.plus(center(fix), fix, 1);
    }
    return moments;
  }

  private double directCost(List<GpsFix> fixes, Sim3 worldFromChunk) {
    double sum = 0;
    for (int v = 0; v < fixes.size(); v++) {
      for (double r : residual(fixes, v, worldFromChunk)) {
        sum += r * r;
      }
    }
    return sum;
  }

  private double[] residual(List<GpsFix> fixes, int v, Sim3 worldFromChunk) {
    GpsFix fix = fixes.get(v);
    Vec3 r = worldFromChunk.apply(center(fix)).minus(fix.positionInWorld());
    return new double[] {
      r.x() / fix.horizontalSigmaMeters(),
      r.y() / fix.horizontalSigmaMeters(),
      r.z() / fix.verticalSigmaMeters()
    };
  }

  private Vec3 center(GpsFix fix) {
    return scene.cameras().stream()
        .filter(camera -> camera.view().equals(fix.view()))
        .map(SceneCamera::cameraFromChunk)
        .findFirst()
        .orElseThrow()
        .center();
  }

  private static Sim3 moved(Vec3 pivot, Sim3 x, int coordinate, double step) {
    double[] xi = new double[7];
    xi[coordinate] = step;
    return Sim3Tangent.perturbAbout(pivot, x, xi);
  }

  private double distanceMeters(GpsEvidence gps, Vec3 xInWorld) {
    return gps.worldFromChunk().apply(chunkFromWorld.apply(xInWorld)).distanceTo(xInWorld);
  }

  private static ChunkScene scene(SyntheticTown town, Sim3 chunkFromWorld) {
    List<Integer> all = IntStream.range(0, town.cameraFromWorld.size()).boxed().toList();
    return town.scene(0, all, chunkFromWorld, Noise.NONE, 1);
  }
}
