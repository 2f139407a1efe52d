-- What `top` shows of each worker: how many effects of each lane it carried out since it started, as a JSON object, told with
-- each beat. Empty from a worker that is older than this.
ALTER TABLE workers ADD COLUMN done_by_lane TEXT NOT NULL DEFAULT '';
