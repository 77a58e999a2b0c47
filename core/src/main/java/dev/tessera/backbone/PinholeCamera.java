package dev.tessera.backbone;

import dev.tessera.geometry.Rigid3;

/**
 * A camera as the network sees it, at the size of the network's input. Pixels are counted as the
 * network counts them: the top left one is (0, 0), not (0.5, 0.5).
 *
 * <pre>u = fx X/Z + cx,  v = fy Y/Z + cy</pre>
 *
 * @param cameraFromWorld world is the frame of the scene's first view, up to scale
 * @param fx focal length in columns
 * @param fy focal length in rows
 * @param cx column of the principal point
 * @param cy row of the principal point
 */
public record PinholeCamera(Rigid3 cameraFromWorld, double fx, double fy, double cx, double cy) {

  /**
   * Whether this is a camera at all: a network may predict a field of view of 0, or one of pi and
   * more, which has no positive finite focal length.
   */
  public boolean isUsable() {
    return fx > 0 && fy > 0 && Double.isFinite(fx) && Double.isFinite(fy);
  }
}
