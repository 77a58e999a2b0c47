package dev.tessera.reconstruct;

import dev.tessera.geometry.Intrinsics;
import dev.tessera.geometry.Rigid3;
import dev.tessera.imagery.ViewId;
import java.io.Serializable;

/**
 * A registered view.
 *
 * @param cameraFromChunk pose; its translation is in chunk units
 * @param intrinsics estimated camera, at the upright photo's original size
 * @param observations points of the scene that this view sees
 * @param reprojectionRmsPixels over those observations, pixels of the original size; NaN for
 *     engines that measure none
 */
public record SceneCamera(
    ViewId view,
    Rigid3 cameraFromChunk,
    Intrinsics intrinsics,
    int observations,
    double reprojectionRmsPixels)
    implements Serializable {}
