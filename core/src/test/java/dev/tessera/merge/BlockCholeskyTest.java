package dev.tessera.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.junit.jupiter.api.RepeatedTest;

/** Against EJML's dense algebra on random sparse positive definite matrices. */
class BlockCholeskyTest {
  private static final int NODES = 40;
  private static final int N = 7 * NODES;

  /** Condition numbers here stay below 1e4. */
  private static final double ERROR = 1e-10;

  private static int trial;
  private final Random random = new Random(trial++);
  private final List<int[]> pairs = new ArrayList<>();
  private final double[] diagonal = new double[NODES * 49];
  private final double[] off;
  private final double[][] places = new double[NODES][3];
  private final DMatrixRMaj dense = new DMatrixRMaj(N, N);

  BlockCholeskyTest() {
    for (int i = 0; i < NODES; i++) {
      for (int j = 0; j < NODES; j++) {
        if (i != j && random.nextInt(25) == 0 && pairs.stream().noneMatch(same(i, j))) {
          pairs.add(new int[] {i, j});
        }
      }
    }
    off = random.doubles(pairs.size() * 49L, -0.2, 0.2).toArray();
    for (int i = 0; i < NODES; i++) {
      double[] root = random.doubles(49, -1, 1).toArray();
      double[] block = Block7.times(root, Block7.transposed(root));
      Block7.add(block, Block7.identity(), 20);
      System.arraycopy(block, 0, diagonal, i * 49, 49);
      places[i] = random.doubles(3).toArray();
    }
    fillDense();
  }

  @RepeatedTest(5)
  void solvesLikeADenseSolver() {
    BlockCholesky cholesky = cholesky();
    double[] b = random.doubles(N, -1, 1).toArray();
    DMatrixRMaj expected = new DMatrixRMaj(N, 1);
    CommonOps_DDRM.solve(dense.copy(), new DMatrixRMaj(N, 1, true, b.clone()), expected);

    assertThat(cholesky.factor(diagonal, off)).isTrue();
    cholesky.solve(b);

    assertThat(b).containsExactly(expected.data, within(ERROR));
  }

  @RepeatedTest(5)
  void diagonalOfTheInverseIsThatOfTheDenseInverse() {
    BlockCholesky cholesky = cholesky();
    assertThat(cholesky.factor(diagonal, off)).isTrue();
    CommonOps_DDRM.invert(dense);

    double[] blocks = cholesky.inverseDiagonal();

    for (int node = 0; node < NODES; node++) {
      for (int i = 0; i < 49; i++) {
        assertThat(blocks[node * 49 + i])
            .isCloseTo(dense.get(node * 7 + i / 7, node * 7 + i % 7), within(ERROR));
      }
    }
  }

  @RepeatedTest(2)
  void refusesAnIndefiniteMatrix() {
    diagonal[3 * 49 + 8] = -1;

    assertThat(cholesky().factor(diagonal, off)).isFalse();
  }

  private BlockCholesky cholesky() {
    int[] a = pairs.stream().mapToInt(p -> p[0]).toArray();
    int[] b = pairs.stream().mapToInt(p -> p[1]).toArray();
    return new BlockCholesky(7, a, b, places);
  }

  private static Predicate<int[]> same(int i, int j) {
    return p -> (p[0] == i && p[1] == j) || (p[0] == j && p[1] == i);
  }

  private void fillDense() {
    for (int i = 0; i < NODES; i++) {
      for (int e = 0; e < 49; e++) {
        dense.set(i * 7 + e / 7, i * 7 + e % 7, diagonal[i * 49 + e]);
      }
    }
    for (int k = 0; k < pairs.size(); k++) {
      int i = pairs.get(k)[0];
      int j = pairs.get(k)[1];
      for (int e = 0; e < 49; e++) {
        dense.set(i * 7 + e / 7, j * 7 + e % 7, off[k * 49 + e]);
        dense.set(j * 7 + e % 7, i * 7 + e / 7, off[k * 49 + e]);
      }
    }
  }
}
