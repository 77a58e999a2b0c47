package dev.tessera.merge;

import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import java.util.Arrays;
import java.util.List;

/**
 * First frames of a component in three stages, each of them linear but for its kernel: log scales,
 * rotations, translations. A bad start of one cannot spoil the others, and none has the local
 * minima that the joint problem has in the scale.
 *
 * <pre>l_b - l_a = log s_ab,   R_b = R_a R_ab,   t_b - t_a = s_a R_a t_ab</pre>
 *
 * <p>Rotations are averaged in the tangent space (Chatterjee and Govindu 2013). Each stage works on
 * corrections to the frames given, with Cauchy's kernel, its width first many times the final one
 * and halved from round to round (graduated non-convexity, Blake and Zisserman 1987).
 */
final class Synchronization {
  private static final int ROUNDS = 9;

  /** Widths in sigmas: of the first round, and of the last ones. */
  private static final double FIRST_WIDTH = 96;

  private static final double LAST_WIDTH = 3;

  private final List<Link> links;
  private final double[] linkShares;
  private final Sim3[] seeds;
  private final double[] seedRadians;
  private final double[] seedSpread;
  private final Laplacian laplacian;
  private final Sim3[] x;

  /**
   * @param linkShares trust in each link beforehand, 0 to 1
   * @param seeds what nodes know of the world by themselves; null where nothing
   * @param seedRadians one standard deviation of their rotation and log scale
   * @param seedSpread one standard deviation of their position
   * @param start first frames, changed
   */
  Synchronization(
      List<Link> links,
      double[] linkShares,
      Sim3[] seeds,
      double[] seedRadians,
      double[] seedSpread,
      Sim3[] start) {
    this.links = links;
    this.linkShares = linkShares;
    this.seeds = seeds;
    this.seedRadians = seedRadians;
    this.seedSpread = seedSpread;
    this.x = start;
    int[] a = links.stream().mapToInt(Link::a).toArray();
    int[] b = links.stream().mapToInt(Link::b).toArray();
    this.laplacian = new Laplacian(a, b, Places.smoothed(start, a, b));
  }

  Sim3[] frames() {
    scales();
    rotations();
    translations();
    return x;
  }

  /** What one stage measures: residuals, in units of which sigmas are also given. */
  private interface Stage {
    int coordinates();

    void ofLink(Link link, double[] residual);

    double linkSigma(Link link);

    void ofSeed(int node, double[] residual);

    double seedSigma(int node);

    void correct(int node, double[] change);
  }

  private void run(Stage stage) {
    int n = stage.coordinates();
    double[][] differences = new double[n][links.size()];
    double[] linkWeights = new double[links.size()];
    double[][] values = new double[n][x.length];
    double[] nodeWeights = new double[x.length];
    double[] residual = new double[n];
    double width = FIRST_WIDTH;
    for (int round = 0; round < ROUNDS; round++, width = Math.max(width / 2, LAST_WIDTH)) {
      for (int k = 0; k < linkWeights.length; k++) {
        stage.ofLink(links.get(k), residual);
        double sigma = stage.linkSigma(links.get(k));
        linkWeights[k] = linkShares[k] * weigh(residual, sigma, width, differences, k);
      }
      for (int i = 0; i < x.length; i++) {
        if (seeds[i] != null) {
          stage.ofSeed(i, residual);
          nodeWeights[i] = weigh(residual, stage.seedSigma(i), width, values, i);
        }
      }
      double[][] change = laplacian.solve(linkWeights, differences, nodeWeights, values);
      for (int i = 0; i < x.length; i++) {
        for (int c = 0; c < n; c++) {
          residual[c] = change[c][i];
        }
        stage.correct(i, residual);
      }
    }
  }

  private static double weigh(
      double[] residual, double sigma, double width, double[][] into, int index) {
    double squared = 0;
    for (int c = 0; c < residual.length; c++) {
      into[c][index] = residual[c];
      squared += residual[c] * residual[c];
    }
    double variance = sigma * sigma;
    return Kernel.CAUCHY.weight(squared / variance, width) / variance;
  }

  private void scales() {
    double[] logs = Arrays.stream(x).mapToDouble(f -> Math.log(f.scale())).toArray();
    run(
        new Stage() {
          @Override
          public int coordinates() {
            return 1;
          }

          @Override
          public void ofLink(Link link, double[] residual) {
            residual[0] = Math.log(link.aFromB().scale()) - (logs[link.b()] - logs[link.a()]);
          }

          @Override
          public double linkSigma(Link link) {
            return link.scaleSigma();
          }

          @Override
          public void ofSeed(int node, double[] residual) {
            residual[0] = Math.log(seeds[node].scale()) - logs[node];
          }

          @Override
          public double seedSigma(int node) {
            return seedRadians[node];
          }

          @Override
          public void correct(int node, double[] change) {
            logs[node] += change[0];
          }
        });
    for (int i = 0; i < x.length; i++) {
      x[i] = new Sim3(Math.exp(logs[i]), x[i].rotation(), x[i].translation());
    }
  }

  private void rotations() {
    run(
        new Stage() {
          @Override
          public int coordinates() {
            return 3;
          }

          @Override
          public void ofLink(Link link, double[] residual) {
            Quaternion seen = x[link.a()].rotation().times(link.aFromB().rotation());
            into(residual, seen.times(x[link.b()].rotation().inverse()).toRotationVector());
          }

          @Override
          public double linkSigma(Link link) {
            return link.rotationSigma();
          }

          @Override
          public void ofSeed(int node, double[] residual) {
            Quaternion off = seeds[node].rotation().times(x[node].rotation().inverse());
            into(residual, off.toRotationVector());
          }

          @Override
          public double seedSigma(int node) {
            return seedRadians[node];
          }

          @Override
          public void correct(int node, double[] change) {
            Vec3 turn = new Vec3(change[0], change[1], change[2]);
            Quaternion turned = Quaternion.ofRotationVector(turn).times(x[node].rotation());
            x[node] = new Sim3(x[node].scale(), turned, x[node].translation());
          }
        });
  }

  private void translations() {
    run(
        new Stage() {
          @Override
          public int coordinates() {
            return 3;
          }

          @Override
          public void ofLink(Link link, double[] residual) {
            Vec3 seen = x[link.a()].apply(link.aFromB().translation());
            into(residual, seen.minus(x[link.b()].translation()));
          }

          @Override
          public double linkSigma(Link link) {
            return link.positionSigma() * x[link.a()].scale();
          }

          @Override
          public void ofSeed(int node, double[] residual) {
            into(residual, seeds[node].translation().minus(x[node].translation()));
          }

          @Override
          public double seedSigma(int node) {
            return seedSpread[node];
          }

          @Override
          public void correct(int node, double[] change) {
            Vec3 shift = new Vec3(change[0], change[1], change[2]);
            x[node] =
                new Sim3(x[node].scale(), x[node].rotation(), x[node].translation().plus(shift));
          }
        });
  }

  private static void into(double[] residual, Vec3 v) {
    residual[0] = v.x();
    residual[1] = v.y();
    residual[2] = v.z();
  }
}
