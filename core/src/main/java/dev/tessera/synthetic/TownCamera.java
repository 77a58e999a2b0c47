package dev.tessera.synthetic;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Rigid3;
import java.io.Serializable;

/**
 * A photo to be taken: what it will be called and the exact camera that takes it.
 *
 * @param name path below the photo folder, {@code flight/0001.jpg}
 * @param cameraFromWorld pose in the town's east-north-up frame
 * @param captureMillis milliseconds since 1970, as if local time were UTC
 */
public record TownCamera(
    String name, Intrinsics intrinsics, Rigid3 cameraFromWorld, long captureMillis)
    implements Serializable {}
