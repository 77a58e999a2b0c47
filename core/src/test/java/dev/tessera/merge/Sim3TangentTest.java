package dev.tessera.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;

class Sim3TangentTest {
  private static final double ROUNDING = 1e-9;

  private static int trial;
  private final Random random = new Random(trial++);

  @RepeatedTest(10)
  void betweenUndoesPerturb() {
    Sim3 bFromA = randomSim3();
    double[] xi = random.doubles(7, -1, 1).toArray();

    assertThat(Sim3Tangent.between(bFromA, Sim3Tangent.perturb(bFromA, xi)))
        .containsExactly(xi, within(ROUNDING));
  }

  @RepeatedTest(10)
  void adjointCarriesSmallChangesToTheOtherFrame() {
    Sim3 bFromA = randomSim3();
    double small = 1e-6; // second order is 1e-12 times the size of the frame
    double[] xi = random.doubles(7, -small, small).toArray();

    double[] carried = Block7.timesVector(Sim3Tangent.adjoint(bFromA), xi);

    Sim3 changedInA = bFromA.after(Sim3Tangent.perturb(Sim3.IDENTITY, xi));
    assertThat(Sim3Tangent.between(bFromA, changedInA)).containsExactly(carried, within(1e-9));
  }

  @RepeatedTest(10)
  void unpackUndoesPack() {
    double[] packed = random.doubles(Sim3Tangent.PACKED).toArray();

    assertThat(Sim3Tangent.pack(Sim3Tangent.unpack(packed))).containsExactly(packed);
  }

  @RepeatedTest(10)
  void inverseLeftJacobianIsTheDerivativeOfTheLogarithm() {
    Vec3 w = SyntheticTown.gaussian(random);
    double step = 1e-6;
    double[] j = Sim3Tangent.inverseLeftJacobian(w);

    Vec3 turned =
        Quaternion.ofRotationVector(new Vec3(0, step, 0))
            .times(Quaternion.ofRotationVector(w))
            .toRotationVector();

    Vec3 base = Quaternion.ofRotationVector(w).toRotationVector();
    if (w.norm() < Math.PI - 0.1) {
      assertThat((turned.x() - base.x()) / step).isCloseTo(j[1], within(1e-4));
      assertThat((turned.y() - base.y()) / step).isCloseTo(j[4], within(1e-4));
      assertThat((turned.z() - base.z()) / step).isCloseTo(j[7], within(1e-4));
    }
  }

  private Sim3 randomSim3() {
    Quaternion rotation = Quaternion.ofRotationVector(SyntheticTown.gaussian(random));
    return new Sim3(
        Math.exp(random.nextGaussian()), rotation, SyntheticTown.gaussian(random).times(9));
  }
}
