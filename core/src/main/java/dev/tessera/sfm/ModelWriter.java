package dev.tessera.sfm;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Sim3;
import dev.tessera.geometry.Vec3;
import dev.tessera.imagery.View;
import java.util.ArrayList;
import java.util.List;

/** Turns a finished {@link Reconstruction} into an {@link SfmModel}. */
final class ModelWriter {
  private final Reconstruction r;
  private final List<View> views;
  private final Features[] features;
  private final int[] cameraOfView;
  private final int[] observations;
  private final double[] squaredPixels;

  private ModelWriter(Reconstruction r, List<View> views, Features[] features) {
    this.r = r;
    this.views = views;
    this.features = features;
    cameraOfView = new int[views.size()];
    int next = 0;
    for (int v = 0; v < cameraOfView.length; v++) {
      cameraOfView[v] = r.registered[v] ? next++ : -1;
    }
    observations = new int[next];
    squaredPixels = new double[next];
  }

  static SfmModel write(
      Reconstruction r, List<View> views, Features[] features, List<SfmModel.Missing> missing) {
    center(r);
    return new ModelWriter(r, views, features).write(missing);
  }

  /** Origin in the middle of the cameras; unit size where there are no metres. */
  private static void center(Reconstruction r) {
    Vec3 sum = Vec3.ZERO;
    int count = r.registeredCount();
    for (int v = 0; v < r.registered.length; v++) {
      sum = r.registered[v] ? sum.plus(r.center(v)) : sum;
    }
    Vec3 middle = sum.times(1.0 / count);
    double squares = 0;
    for (int v = 0; v < r.registered.length; v++) {
      double d = r.registered[v] ? r.center(v).distanceTo(middle) : 0;
      squares += d * d;
    }
    double scale = r.metric ? 1 : 1 / Math.sqrt(squares / count);
    r.move(new Sim3(scale, Quaternion.IDENTITY, middle.times(-scale)));
  }

  private SfmModel write(List<SfmModel.Missing> missing) {
    int points = r.pointCount();
    int total = 0;
    for (boolean active : r.active) {
      total += active ? 1 : 0;
    }
    float[] xyz = new float[3 * points];
    byte[] rgb = new byte[3 * points];
    float[] confidence = new float[points];
    int[] start = new int[points + 1];
    int[] camera = new int[total];
    float[] pixel = new float[2 * total];
    double[] residual = new double[total];
    int p = 0;
    for (int t = 0; t < r.hasPoint.length; t++) {
      if (r.hasPoint[t]) {
        for (int e = 0; e < 3; e++) {
          xyz[3 * p + e] = (float) r.point[3 * t + e];
        }
        start[p + 1] = putObservations(t, start[p], camera, pixel, residual);
        putColor(t, rgb, 3 * p);
        confidence[p] = confidence(t);
        p++;
      }
    }
    return new SfmModel(
        cameras(), missing, r.metric, xyz, rgb, confidence, start, camera, pixel, residual);
  }

  private int putObservations(int t, int at, int[] camera, float[] pixel, double[] residual) {
    Tracks tracks = r.input.tracks();
    int next = at;
    for (int o = tracks.begin(t); o < tracks.end(t); o++) {
      if (r.active[o]) {
        int v = tracks.viewOf(o);
        int c = cameraOfView[v];
        double scale = r.input.cameras()[v].originalPerWorkingPixel();
        camera[next] = c;
        pixel[2 * next] = features[v].u(tracks.featureOf(o));
        pixel[2 * next + 1] = features[v].v(tracks.featureOf(o));
        residual[next] = scale * Math.sqrt(r.squaredError(o));
        observations[c]++;
        squaredPixels[c] += residual[next] * residual[next];
        next++;
      }
    }
    return next;
  }

  private void putColor(int t, byte[] rgb, int at) {
    Tracks tracks = r.input.tracks();
    int[] sum = new int[3];
    int count = 0;
    for (int o = tracks.begin(t); o < tracks.end(t); o++) {
      if (r.active[o]) {
        int color = features[tracks.viewOf(o)].rgb(tracks.featureOf(o));
        for (int e = 0; e < 3; e++) {
          sum[e] += color >> 16 - 8 * e & 0xff;
        }
        count++;
      }
    }
    for (int e = 0; e < 3; e++) {
      rgb[at + e] = (byte) ((sum[e] + count / 2) / count);
    }
  }

  private float confidence(int t) {
    Tracks tracks = r.input.tracks();
    double[] rays = new double[3 * (tracks.end(t) - tracks.begin(t))];
    double[] scratch = new double[2];
    int count = 0;
    double squares = 0;
    for (int o = tracks.begin(t); o < tracks.end(t); o++) {
      if (r.active[o]) {
        r.ray(o, scratch, rays, 3 * count++);
        squares += r.squaredError(o);
      }
    }
    double cosine = Triangulation.cosineOfWidestAngle(rays, count);
    double angle = Math.toDegrees(Math.acos(Math.max(-1, Math.min(1, cosine))));
    return PointConfidence.of(angle, count, Math.sqrt(squares / count));
  }

  private List<SfmModel.Camera> cameras() {
    List<SfmModel.Camera> cameras = new ArrayList<>();
    for (int v = 0; v < cameraOfView.length; v++) {
      int c = cameraOfView[v];
      if (c >= 0) {
        Intrinsics intrinsics = intrinsics(v);
        Rigid3 pose = Rigid3.cameraFromWorld(r.rotation(v), r.center(v));
        double rms = Math.sqrt(squaredPixels[c] / Math.max(1, observations[c]));
        cameras.add(new SfmModel.Camera(v, pose, intrinsics, observations[c], rms));
      }
    }
    return cameras;
  }

  private Intrinsics intrinsics(int v) {
    View view = views.get(v);
    int k = BundleProblem.INTRINSICS * r.input.groupOf()[v];
    double scale = r.input.cameras()[v].originalPerWorkingPixel();
    return new Intrinsics(
        view.width(),
        view.height(),
        r.intrinsics[k] * scale,
        view.width() / 2.0 + r.intrinsics[k + 3] * scale,
        view.height() / 2.0 + r.intrinsics[k + 4] * scale,
        r.intrinsics[k + 1],
        r.intrinsics[k + 2]);
  }
}
