/**
 * Classical structure from motion: SIFT features, exhaustive matching of selected pairs, two-view
 * verification, incremental mapping and bundle adjustment.
 *
 * <p>Two kinds of pixels occur. <em>Original</em> pixels are those of the upright photo, centre of
 * the top left one at (0.5, 0.5); they are what comes in and what goes out. <em>Working</em> pixels
 * are counted from the middle of the photo in units of the decoded image, so that thresholds mean
 * the same for photos of all sizes.
 *
 * <p>Everything here is a function of the views, their photos and the settings: never of the number
 * of threads or the order of calls.
 */
package dev.tessera.sfm;
