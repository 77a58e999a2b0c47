package dev.tessera.synthetic;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Vec3;
import java.awt.image.BufferedImage;

/**
 * Takes pictures of a town by casting a ray through the centre of each pixel, sunlight and shadows
 * included. Paint is limited to what a pixel resolves; pixels at the edge of a surface are the mean
 * of four more rays. About a third of a microsecond per pixel and core. Safe for use by several
 * threads.
 */
public final class TownRenderer {
  private static final Vec3 TO_SUN = new Vec3(0.42, -0.31, 0.85).normalized();
  private static final double SKY_LIGHT = 0.58;
  private static final double SUN_LIGHT = 0.5;
  private static final double OFF_SURFACE_METERS = 1e-4;
  private static final int SHADOW_KEY = 1 << 30;

  private final SyntheticTown town;

  public TownRenderer(SyntheticTown town) {
    this.town = town;
  }

  /** The picture, {@code TYPE_3BYTE_BGR}, of the camera's size. */
  public BufferedImage render(TownCamera camera) {
    Intrinsics k = camera.intrinsics();
    Shot shot = new Shot(town, camera);
    int[] rgb = new int[k.width() * k.height()];
    int[] keys = new int[rgb.length];
    for (int v = 0; v < k.height(); v++) {
      for (int u = 0; u < k.width(); u++) {
        rgb[v * k.width() + u] = shot.sample(u + 0.5, v + 0.5);
        keys[v * k.width() + u] = shot.key;
      }
    }
    smoothEdges(shot, rgb, keys, k.width(), k.height());
    BufferedImage image = new BufferedImage(k.width(), k.height(), BufferedImage.TYPE_3BYTE_BGR);
    image.setRGB(0, 0, k.width(), k.height(), rgb, 0, k.width());
    return image;
  }

  private static void smoothEdges(Shot shot, int[] rgb, int[] keys, int width, int height) {
    for (int v = 0; v < height; v++) {
      for (int u = 0; u < width; u++) {
        int at = v * width + u;
        boolean edge =
            (u > 0 && keys[at - 1] != keys[at])
                || (u < width - 1 && keys[at + 1] != keys[at])
                || (v > 0 && keys[at - width] != keys[at])
                || (v < height - 1 && keys[at + width] != keys[at]);
        if (edge) {
          rgb[at] =
              mean(
                  shot.sample(u + 0.25, v + 0.25),
                  shot.sample(u + 0.75, v + 0.25),
                  shot.sample(u + 0.25, v + 0.75),
                  shot.sample(u + 0.75, v + 0.75));
        }
      }
    }
  }

  private static int mean(int a, int b, int c, int d) {
    int result = 0;
    for (int shift = 0; shift <= 16; shift += 8) {
      int sum = (a >> shift & 255) + (b >> shift & 255) + (c >> shift & 255) + (d >> shift & 255);
      result |= (sum + 2) / 4 << shift;
    }
    return result;
  }

  /** The state of one picture being taken. */
  private static final class Shot {
    private final BuildingGrid grid;
    private final RayCaster rays;
    private final TownPaint paint;
    private final Intrinsics k;
    private final double[] r;
    private final Vec3 center;
    int key;

    Shot(SyntheticTown town, TownCamera camera) {
      grid = town.grid();
      rays = new RayCaster(grid);
      paint = town.paint();
      k = camera.intrinsics();
      r = camera.cameraFromWorld().rotation().toMatrix();
      center = camera.cameraFromWorld().center();
    }

    /** Colour 0xRRGGBB seen through a pixel position; sets {@link #key}. */
    int sample(double u, double v) {
      double[] ray = k.undistort(u, v);
      double dx = r[0] * ray[0] + r[3] * ray[1] + r[6];
      double dy = r[1] * ray[0] + r[4] * ray[1] + r[7];
      double dz = r[2] * ray[0] + r[5] * ray[1] + r[8];
      rays.cast(center.x(), center.y(), center.z(), dx, dy, dz);
      if (rays.building == RayCaster.SKY) {
        paint.sky();
        key = paint.key;
        return packed(1);
      }
      double x = center.x() + rays.t * dx;
      double y = center.y() + rays.t * dy;
      double z = center.z() + rays.t * dz;
      Vec3 normal = SyntheticTown.normal(rays.face);
      double length = Math.sqrt(dx * dx + dy * dy + dz * dz);
      double cosine = Math.abs(normal.x() * dx + normal.y() * dy + normal.z() * dz) / length;
      // Between the short and the long axis of the pixel's footprint, nearer the long one.
      double stretch = 1 / (Math.sqrt(cosine) * Math.sqrt(Math.sqrt(cosine)));
      paintHit(x, y, z, rays.t * length / k.focalPixels() * stretch);
      return packed(light(normal, x, y, z));
    }

    private void paintHit(double x, double y, double z, double pixelMeters) {
      if (rays.building == RayCaster.GROUND) {
        paint.ground(x, y, pixelMeters);
      } else {
        boolean wall = rays.face != RayCaster.ROOF;
        boolean alongNorth = rays.face == RayCaster.WEST || rays.face == RayCaster.EAST;
        paint.face(
            grid.building(rays.building),
            rays.building,
            rays.face,
            alongNorth ? y : x,
            wall ? z : y,
            pixelMeters);
      }
      key = paint.key;
    }

    private double light(Vec3 normal, double x, double y, double z) {
      double toSun = normal.dot(TO_SUN);
      if (toSun <= 0) {
        return SKY_LIGHT;
      }
      double off = OFF_SURFACE_METERS;
      boolean shadow =
          rays.isBlocked(
              x + off * normal.x(),
              y + off * normal.y(),
              z + off * normal.z(),
              TO_SUN.x(),
              TO_SUN.y(),
              TO_SUN.z());
      key |= shadow ? SHADOW_KEY : 0;
      return shadow ? SKY_LIGHT : SKY_LIGHT + SUN_LIGHT * toSun;
    }

    private int packed(double light) {
      return level(paint.red * light) << 16
          | level(paint.green * light) << 8
          | level(paint.blue * light);
    }

    private static int level(double value) {
      return (int) Math.max(0, Math.min(255, value + 0.5));
    }
  }
}
