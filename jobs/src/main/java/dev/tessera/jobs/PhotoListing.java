package dev.tessera.jobs;

import dev.tessera.jobs.workspace.Keys;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * Finds the photo files below a folder. Executors list the folders, one level of the tree after the
 * other; the driver holds folders only, never files.
 */
final class PhotoListing {
  /** Read, or refused with a reason. Any other file is not a photo and is passed over. */
  private static final Set<String> PHOTO_EXTENSIONS =
      Set.of(
          "jpg", "jpeg", "jpe", "png", "tif", "tiff", // read
          "heic", "heif", "avif", "webp", "bmp", "gif", "jp2", "dng", "cr2", "cr3", "nef", "arw",
          "orf", "rw2", "raf", "pef", "srw", "raw"); // refused

  private PhotoListing() {}

  /**
   * A photo file.
   *
   * @param uri full path
   * @param name path below the photo folder, with forward slashes
   */
  record PhotoFile(String uri, String name, long size, long modifiedAt) implements Serializable {}

  /**
   * The photo folder by its full name.
   *
   * @param verb what is to be done with the photos
   * @throws UsageException if it is not a folder with photos
   */
  static String requirePhotos(String verb, String photos, Configuration hadoop) {
    ObjectStores.requireReachable(photos);
    try {
      Path folder = new Path(photos);
      FileSystem fs = folder.getFileSystem(hadoop);
      String cannot = "Cannot " + verb + " " + photos + ": ";
      if (!fs.exists(folder)) {
        throw new UsageException(cannot + "no such folder");
      }
      if (!fs.getFileStatus(folder).isDirectory()) {
        throw new UsageException(cannot + "it is not a folder");
      }
      if (!hasPhotos(fs, folder)) {
        throw new UsageException(cannot + "no photo in it (.jpg, .jpeg, .png, .tif, .tiff)");
      }
      return fs.makeQualified(folder).toString();
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException("Cannot " + verb + " '" + photos + "': " + e.getMessage());
    }
  }

  /** Digest of what a listing finds: names, sizes and times of all photo files, in any order. */
  static String key(JavaSparkContext sc, String folder) throws IOException {
    long[] sum =
        list(sc, new Path(folder))
            .map(f -> Keys.of(f.name(), Long.toString(f.size()), Long.toString(f.modifiedAt())))
            .map(key -> new long[] {Long.parseUnsignedLong(key.substring(0, 16), 16), 1})
            .fold(new long[2], (a, b) -> new long[] {a[0] + b[0], a[1] + b[1]});
    return Keys.of(folder, Long.toHexString(sum[0]), Long.toString(sum[1]));
  }

  /** URIs of all photo files, in order, without Spark: for folders of a few. */
  static List<String> files(Configuration hadoop, String folder) throws IOException {
    Path root = new Path(requirePhotos("localize", folder, hadoop));
    RemoteIterator<LocatedFileStatus> found = root.getFileSystem(hadoop).listFiles(root, true);
    List<String> files = new ArrayList<>();
    while (found.hasNext()) {
      Path file = found.next().getPath();
      if (isPhoto(file)) {
        files.add(file.toString());
      }
    }
    files.sort(null);
    return files;
  }

  /** Whether there is at least one file that is taken for a photo. */
  private static boolean hasPhotos(FileSystem fs, Path folder) throws IOException {
    RemoteIterator<LocatedFileStatus> files = fs.listFiles(folder, true);
    while (files.hasNext()) {
      if (isPhoto(files.next().getPath())) {
        return true;
      }
    }
    return false;
  }

  /** All photo files, in no particular order. */
  static JavaRDD<PhotoFile> list(JavaSparkContext sc, Path folder) throws IOException {
    SerializableConfiguration conf = new SerializableConfiguration(sc.hadoopConfiguration());
    Path root = folder.getFileSystem(conf.value()).makeQualified(folder);
    String prefix = root.toString().replaceAll("/+$", "") + "/";
    JavaRDD<PhotoFile> found = sc.emptyRDD();
    List<String> level = List.of(root.toString());
    while (!level.isEmpty()) {
      int slices = Math.min(level.size(), 4 * sc.defaultParallelism());
      JavaRDD<FileStatus> entries =
          sc.parallelize(level, slices).flatMap(dir -> entriesOf(dir, conf.value()).iterator());
      entries.cache();
      level =
          new ArrayList<>(
              entries.filter(FileStatus::isDirectory).map(s -> s.getPath().toString()).collect());
      level.sort(null);
      found =
          found.union(
              entries
                  .filter(s -> s.isFile() && isPhoto(s.getPath()))
                  .map(s -> photoFile(s, prefix)));
    }
    return found;
  }

  private static List<FileStatus> entriesOf(String dir, Configuration conf) throws IOException {
    Path path = new Path(dir);
    return Arrays.asList(path.getFileSystem(conf).listStatus(path, PhotoListing::isVisible));
  }

  /** Hidden files are other programs' business: thumbnails, resource forks, attempts. */
  private static boolean isVisible(Path path) {
    return !path.getName().startsWith(".") && !path.getName().startsWith("_");
  }

  private static boolean isPhoto(Path file) {
    String name = file.getName();
    int dot = name.lastIndexOf('.');
    return isVisible(file)
        && dot >= 0
        && PHOTO_EXTENSIONS.contains(name.substring(dot + 1).toLowerCase(Locale.ROOT));
  }

  private static PhotoFile photoFile(FileStatus status, String prefix) {
    String uri = status.getPath().toString();
    return new PhotoFile(
        uri, uri.substring(prefix.length()), status.getLen(), status.getModificationTime());
  }
}
