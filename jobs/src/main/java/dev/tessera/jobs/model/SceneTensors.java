package dev.tessera.jobs.model;

import dev.tessera.backbone.PinholeCamera;
import dev.tessera.backbone.PoseEncoding;
import dev.tessera.backbone.Unprojection;
import dev.tessera.backbone.VggtConfig;
import dev.tessera.backbone.VggtScene;
import dev.tessera.backbone.VggtScene.DenseMaps;
import dev.tessera.backbone.ViewImages;
import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Rigid3;
import dev.tessera.tensor.DType;
import dev.tessera.tensor.HostTensor;
import dev.tessera.tensor.SafetensorsWriter;
import dev.tessera.tensor.TensorInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * What a network says of a scene, as tensors of a file. They have the names and shapes that VGGT's
 * own outputs have, after a prefix; {@code pose_c2w} is camera to world, {@code extrinsic} its
 * inverse. A view without a finite pose has NaN for a camera and for points.
 *
 * @param prefix of the tensors' names, with its dot
 * @param dtype F32 or F64, as the network computes
 * @param globalPoints whether {@code world_points} are what the point head predicts; else they are
 *     depth unprojected, with the depth's confidence
 */
record SceneTensors(
    String prefix, ViewImages images, VggtConfig config, DType dtype, boolean globalPoints) {

  /** All of them but the fast weights. */
  List<TensorInfo> plan() {
    long views = images.count();
    long height = images.height();
    long width = images.width();
    List<TensorInfo> plan = new ArrayList<>();
    plan.add(info("pose_enc_list", config.camera().iterations(), 1, views, PoseEncoding.LENGTH));
    plan.add(info("pose_enc", 1, views, PoseEncoding.LENGTH));
    plan.add(info("extrinsic", 1, views, 3, 4));
    plan.add(info("intrinsic", 1, views, 3, 3));
    plan.add(info("pose_c2w", views, 4, 4));
    plan.add(info("cam_tokens", 1, views, 2L * config.width()));
    plan.add(info("depth", 1, views, height, width, 1));
    plan.add(info("depth_conf", 1, views, height, width));
    plan.add(info("world_points", 1, views, height, width, 3));
    plan.add(info("world_points_conf", 1, views, height, width));
    plan.add(info("world_points_from_depth", views, height, width, 3));
    return plan;
  }

  private TensorInfo info(String name, long... shape) {
    return TensorInfo.of(prefix + name, dtype, shape);
  }

  /**
   * Writes them, some views at a time.
   *
   * @param progress is told how many views are done
   */
  void write(SafetensorsWriter out, VggtScene scene, IntConsumer progress) throws IOException {
    HostTensor encodings = scene.poseEncodings();
    out.write(prefix + "pose_enc_list", encodings.bytes());
    double[] all = encodings.doubles();
    double[] last =
        Arrays.copyOfRange(all, all.length - images.count() * PoseEncoding.LENGTH, all.length);
    put(out, "pose_enc", last);
    out.write(prefix + "cam_tokens", scene.cameraTokens().bytes());
    List<Optional<PinholeCamera>> cameras = new ArrayList<>();
    for (int view = 0; view < images.count(); view++) {
      cameras.add(camera(scene, view));
      putCamera(out, cameras.get(view));
    }
    int perGroup = VggtScene.viewsPerDenseGroup(images.height(), images.width());
    for (int from = 0; from < images.count(); from += perGroup) {
      int to = Math.min(from + perGroup, images.count());
      putDense(out, scene, cameras, from, to);
      progress.accept(to);
    }
  }

  private static Optional<PinholeCamera> camera(VggtScene scene, int view) {
    try {
      return Optional.of(scene.camera(view));
    } catch (DegenerateGeometryException none) {
      return Optional.empty();
    }
  }

  private void putCamera(SafetensorsWriter out, Optional<PinholeCamera> camera) throws IOException {
    put(out, "extrinsic", camera.map(c -> rows(c.cameraFromWorld())).orElse(nans(12)));
    put(
        out,
        "intrinsic",
        camera
            .map(c -> new double[] {c.fx(), 0, c.cx(), 0, c.fy(), c.cy(), 0, 0, 1})
            .orElse(nans(9)));
    put(out, "pose_c2w", camera.map(c -> rows(c.cameraFromWorld().inverse())).orElse(nans(12)));
    put(out, "pose_c2w", new double[] {0, 0, 0, 1});
  }

  /** [R | t], row by row. */
  private static double[] rows(Rigid3 bFromA) {
    double[] r = bFromA.rotation().toMatrix();
    return new double[] {
      r[0], r[1], r[2], bFromA.translation().x(),
      r[3], r[4], r[5], bFromA.translation().y(),
      r[6], r[7], r[8], bFromA.translation().z()
    };
  }

  private static double[] nans(int count) {
    double[] nans = new double[count];
    Arrays.fill(nans, Double.NaN);
    return nans;
  }

  private void putDense(
      SafetensorsWriter out,
      VggtScene scene,
      List<Optional<PinholeCamera>> cameras,
      int from,
      int to)
      throws IOException {
    DenseMaps depth = scene.depth(from, to);
    out.write(prefix + "depth", depth.values().bytes());
    out.write(prefix + "depth_conf", depth.confidence().bytes());
    if (globalPoints) {
      DenseMaps points = scene.points(from, to);
      out.write(prefix + "world_points", points.values().bytes());
      out.write(prefix + "world_points_conf", points.confidence().bytes());
    } else {
      out.write(prefix + "world_points_conf", depth.confidence().bytes());
    }
    float[] depths = depth.values().floats();
    int pixels = images.height() * images.width();
    for (int view = from; view < to; view++) {
      int start = (view - from) * pixels;
      float[] ofView = Arrays.copyOfRange(depths, start, start + pixels);
      double[] points = unprojected(cameras.get(view), ofView);
      put(out, "world_points_from_depth", points);
      if (!globalPoints) {
        put(out, "world_points", points);
      }
    }
  }

  private double[] unprojected(Optional<PinholeCamera> camera, float[] depths) {
    if (camera.isEmpty()) {
      return nans(3 * depths.length);
    }
    float[] points = new Unprojection(camera.get()).points(depths, images.width());
    double[] wide = new double[points.length];
    Arrays.setAll(wide, i -> points[i]);
    return wide;
  }

  private void put(SafetensorsWriter out, String name, double[] values) throws IOException {
    if (dtype == DType.F64) {
      out.write(prefix + name, values);
      return;
    }
    float[] rounded = new float[values.length];
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = (float) values[i];
    }
    out.write(prefix + name, rounded);
  }
}
