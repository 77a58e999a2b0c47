package dev.tessera.backbone;

import dev.tessera.geometry.DegenerateGeometryException;
import dev.tessera.geometry.Quaternion;
import dev.tessera.geometry.Rigid3;
import dev.tessera.geometry.Vec3;
import java.util.Arrays;

/**
 * The nine numbers in which the network tells a camera (VGGT's {@code absT_quaR_FoV}): translation
 * x, y, z and quaternion x, y, z, w (scalar <em>last</em>, of any norm) of {@code
 * camera_from_world}, then the fields of view in radians, vertical first.
 *
 * <pre>
 * fy = height / 2 / tan(fov_v / 2),  fx = width / 2 / tan(fov_h / 2),  cx = width / 2,  cy = height / 2
 * </pre>
 */
public final class PoseEncoding {
  public static final int LENGTH = 9;

  private PoseEncoding() {}

  /**
   * The camera of an encoding.
   *
   * @param width of the network's input, pixels
   * @param height of the network's input, pixels
   * @throws DegenerateGeometryException if the numbers are not finite or the quaternion is zero
   */
  public static PinholeCamera decode(double[] encoding, int width, int height) {
    if (encoding.length != LENGTH) {
      throw new IllegalArgumentException(
          "Cannot decode a pose of %d numbers: need %d".formatted(encoding.length, LENGTH));
    }
    boolean zeroQuaternion = Arrays.stream(encoding, 3, 7).allMatch(q -> q == 0);
    if (zeroQuaternion || !Arrays.stream(encoding).allMatch(Double::isFinite)) {
      throw new DegenerateGeometryException("No pose in encoding " + Arrays.toString(encoding));
    }
    Quaternion rotation = new Quaternion(encoding[6], encoding[3], encoding[4], encoding[5]);
    Vec3 translation = new Vec3(encoding[0], encoding[1], encoding[2]);
    double cx = width / 2.0;
    double cy = height / 2.0;
    double fy = cy / Math.tan(encoding[7] / 2);
    double fx = cx / Math.tan(encoding[8] / 2);
    return new PinholeCamera(new Rigid3(rotation, translation), fx, fy, cx, cy);
  }

  /**
   * The encoding of a camera whose principal point is the middle of its image. Of the two unit
   * quaternions of its rotation it has the one with {@code w >= 0}.
   */
  public static double[] encode(PinholeCamera camera) {
    Vec3 t = camera.cameraFromWorld().translation();
    Quaternion q = camera.cameraFromWorld().rotation();
    double sign = q.w() < 0 ? -1 : 1;
    return new double[] {
      t.x(),
      t.y(),
      t.z(),
      sign * q.x(),
      sign * q.y(),
      sign * q.z(),
      sign * q.w(),
      2 * Math.atan(camera.cy() / camera.fy()),
      2 * Math.atan(camera.cx() / camera.fx())
    };
  }
}
